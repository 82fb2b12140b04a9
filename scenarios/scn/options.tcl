# Options of a scenario, as data: one declaration serves parsing, `--list` and the parameters that a
# plan records. A parsed value is canonical: two spellings of one value are one parameter.
#
# Options come in groups, one for each part of a simulation; those of an attack form a group of its
# own. A scenario has the groups that it can use, and may have other defaults.

namespace eval ::scn::options {
    namespace export require

    # group -> {name {type unit default allowed doc needs} ...}, in the order of declaration. Types
    # and what is allowed: see values.tcl.
    variable groups {}
}

# Declares options: `name {type unit default allowed doc needs} ...`; needs, see needs.tcl, may be
# left out.
proc ::scn::options::declare {group declarations} {
    variable groups
    if {![dict exists $groups $group]} {
        dict set groups $group {}
    }
    dict for {name declaration} $declarations {
        dict set groups $group $name $declaration
    }
}

::scn::options::declare run {
    seed {integer {} 1 {range 1 2147483647}
        "same seed, same trace"}
    duration {number s 10 {range 0.1 3600}
        "simulated time"}
    levels {set {} AGT,RTR,MAC {oneof AGT RTR MAC}
        "trace levels"}
    format {choice {} old {oneof old new}
        "wireless trace format"}
    data_rate {bandwidth bit/s 11Mb {oneof 1Mb 2Mb 5.5Mb 11Mb}
        "of the radios; below 11Mb eight flows of 1Mb saturate the cells"}
    rts {choice {} on {oneof on off}
        "whether radios announce data by RTS and CTS"}
}

# The usage error all of this ends in: caught by ::scn::main, one line for the user.
proc ::scn::options::refuse {message} {
    return -code error -errorcode {SCN USAGE} $message
}

# Refuses with the message unless the condition holds where it is written.
proc ::scn::options::require {condition message} {
    if {![uplevel 1 [list expr $condition]]} {
        refuse $message
    }
}

# The options that a scenario has, with its own defaults.
# Results: name -> {group type unit default allowed doc needs}
# Errors:  SCN USAGE when it has a default for an option that it does not have
proc ::scn::options::of {scenario} {
    variable groups
    set options {}
    dict for {group declarations} $groups {
        if {[::scn::plan::uses $scenario $group]} {
            dict for {name declaration} $declarations {
                dict set options $name [linsert $declaration 0 $group]
            }
        }
    }
    if {[dict exists $scenario defaults]} {
        dict for {name text} [dict get $scenario defaults] {
            require {[dict exists $options $name]} "the scenario has a default for '$name', which\
                is no option of it[suggestion $name [dict keys $options]]"
            dict set options $name [lreplace [dict get $options $name] 3 3 $text]
        }
    }
    return $options
}

# Reads NAME=VALUE arguments.
# Arguments: scenario   dict as in plan.tcl
#            arguments  list of NAME=VALUE
# Results:   dict of canonical values, all options of the scenario in the order of their
#            declaration; names of those that were given
# Errors:    SCN USAGE for an unknown or repeated name and a value that is not allowed
proc ::scn::options::parse {scenario arguments} {
    set options [of $scenario]
    set given {}
    foreach argument $arguments {
        if {![regexp {^([^=]+)=(.*)$} $argument -> name text]} {
            refuse "'$argument' is not of the form NAME=VALUE"
        }
        if {![dict exists $options $name]} {
            refuse "unknown option '$name'[elsewhere $name [dict keys $options]]"
        }
        if {[dict exists $given $name]} {
            refuse "option '$name' is given twice"
        }
        dict set given $name $text
    }
    set values {}
    dict for {name declaration} $options {
        lassign $declaration group type unit text allowed
        if {[dict exists $given $name]} {
            set text [dict get $given $name]
        }
        dict set values $name [::scn::values::parse $name $type $allowed $text]
    }
    return [list $values [dict keys $given]]
}

# `--list`: one option a line, in aligned columns below the name of each group.
proc ::scn::options::listing {scenario} {
    set rows {{NAME DEFAULT UNIT ALLOWED MEANING}}
    set lines {}
    if {[dict exists $scenario doc]} {
        lappend lines "# [dict get $scenario doc]" ""
    }
    dict for {name declaration} [of $scenario] {
        lassign $declaration group type unit default allowed doc needs
        if {[llength $needs]} {
            append doc " \[needs [::scn::needs::describe $needs]\]"
        }
        lappend rows [list $name [expr {$default eq "" ? "-" : $default}] \
            [expr {$unit eq "" ? "-" : $unit}] [::scn::values::describe $type $allowed] $doc]
        dict set groupOf $name $group
    }
    # A cell that is longer pushes what is behind it, and no other line.
    foreach column {0 1 2 3} {
        lappend widths [tcl::mathfunc::max {*}[lmap row $rows {
            set width [string length [lindex $row $column]]
            expr {$width > 44 ? 0 : $width}
        }]]
    }
    lassign $widths a b c d
    set last ""
    foreach row $rows {
        set name [lindex $row 0]
        if {[dict exists $groupOf $name] && [dict get $groupOf $name] ne $last} {
            set last [dict get $groupOf $name]
            lappend lines "" "# $last[::scn::attack::heading $last]"
        }
        lappend lines [format "%-${a}s  %-${b}s  %-${c}s  %-${d}s  %s" {*}$row]
    }
    return [join $lines \n]
}

# The type of an option of any scenario.
proc ::scn::options::type_of {name} {
    variable groups
    dict for {group declarations} $groups {
        if {[dict exists $declarations $name]} {
            return [lindex [dict get $declarations $name] 0]
        }
    }
    error "no option '$name'"
}

# Who has an option that this scenario does not have; if nobody has it, what may be meant.
proc ::scn::options::elsewhere {name names} {
    variable groups
    foreach {group who} {
        topology "field and cloud have" uploads "field and cloud have" receivers "field has"
        cloud "cloud has"
    } {
        if {[dict exists $groups $group $name]} {
            return " ($who it)"
        }
    }
    return [suggestion $name $names]
}

# " (did you mean 'NAME'?)" for the nearest name, if one is near.
proc ::scn::options::suggestion {name names} {
    set best 3
    set nearest ""
    foreach candidate $names {
        set d [distance $name $candidate]
        if {$d < $best} {
            set best $d
            set nearest $candidate
        }
    }
    return [expr {$nearest eq "" ? "" : " (did you mean '$nearest'?)"}]
}

# Levenshtein distance: insertions, deletions and replacements that turn a into b.
proc ::scn::options::distance {a b} {
    set row {}
    for {set j 0} {$j <= [string length $b]} {incr j} {
        lappend row $j
    }
    foreach x [split $a ""] {
        set diagonal [lindex $row 0]
        set next [list [expr {$diagonal + 1}]]
        set j 0
        foreach y [split $b ""] {
            set above [lindex $row [incr j]]
            lappend next [tcl::mathfunc::min [expr {$above + 1}] [expr {[lindex $next end] + 1}] \
                [expr {$diagonal + ($x ne $y)}]]
            set diagonal $above
        }
        set row $next
    }
    return [lindex $row end]
}
