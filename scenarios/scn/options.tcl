# Options of a scenario, as data: one declaration serves parsing, `--list` and the parameters that a
# plan records. A parsed value is canonical: two spellings of one value are one parameter.

namespace eval ::scn::options {
    # name -> type, unit, default, what is allowed, what it means. Types: choice, integer, number,
    # bandwidth (b, kb, Mb or Gb a second; canonical in bit/s), set (a comma list).
    # Allowed: `oneof VALUE ...` or `range LOWEST HIGHEST`.
    variable declared {
        attack {choice {} none {oneof none hidden-channel}
            "what the colluding pair does"}
        traffic {choice {} udp {oneof udp}
            "transport of all flows (tcp and http are not there yet)"}
        seed {integer {} 1 {range 1 2147483647}
            "same seed, same trace"}
        duration {number s 10 {range 1 3600}
            "simulated time"}
        data_rate {bandwidth bit/s 11Mb {oneof 1Mb 2Mb 5.5Mb 11Mb}
            "of the radios; below 11Mb eight flows of 1Mb saturate the cells"}
        levels {set {} AGT,RTR,MAC {oneof AGT RTR MAC}
            "trace levels"}
        format {choice {} old {oneof old new}
            "wireless trace format"}
        attack_start {number s 0 {range 0 3600}
            "when the attack begins"}
        rate {bandwidth bit/s 1Mb {range 1kb 54Mb}
            "each flow's"}
        packet_size {integer byte 1500 {range 1 2284}
            "payload of one packet, of application and agent alike"}
    }
}

# The usage error all of this ends in: caught by ::scn::main, one line for the user.
proc ::scn::options::refuse {message} {
    return -code error -errorcode {SCN USAGE} $message
}

# Reads NAME=VALUE arguments.
# Arguments: arguments  list of NAME=VALUE
# Results:   dict of canonical values, all options in the order of their declaration
# Errors:    SCN USAGE for an unknown or repeated name, a value that is not allowed, and
#            values that are impossible together
proc ::scn::options::parse {arguments} {
    variable declared
    set given {}
    foreach argument $arguments {
        if {![regexp {^([^=]+)=(.*)$} $argument -> name text]} {
            refuse "'$argument' is not of the form NAME=VALUE"
        }
        if {![dict exists $declared $name]} {
            refuse "unknown option '$name'[suggestion $name [dict keys $declared]]"
        }
        if {[dict exists $given $name]} {
            refuse "option '$name' is given twice"
        }
        dict set given $name $text
    }
    set values {}
    dict for {name declaration} $declared {
        lassign $declaration type unit text allowed
        if {[dict exists $given $name]} {
            set text [dict get $given $name]
        }
        dict set values $name [parse_value $name $type $allowed $text]
    }
    check_together $values
    return $values
}

# What no single option can tell.
proc ::scn::options::check_together {values} {
    dict with values {
        if {$attack_start >= $duration} {
            refuse "option 'attack_start': $attack_start s is not before the end ($duration s)"
        }
    }
}

# One value in canonical form: integers without leading zeros, numbers as doubles, bandwidths in
# bit/s, sets in the order of what is allowed.
proc ::scn::options::parse_value {name type allowed text} {
    set limits [lassign $allowed kind]
    if {$type eq "set"} {
        return [parse_set $name $limits $text]
    }
    set value [parse_$type $text]
    if {$value eq ""} {
        refuse "option '$name': '$text' is not [describe $type $allowed]"
    }
    if {$kind eq "range"} {
        lassign [lmap limit $limits {parse_$type $limit}] lowest highest
        set fits [expr {$value >= $lowest && $value <= $highest}]
    } else {
        set fits [expr {$value in [lmap limit $limits {parse_$type $limit}]}]
    }
    if {!$fits} {
        refuse "option '$name': '$text' is not [describe $type $allowed]"
    }
    return $value
}

# The parsers answer "" for what they cannot read. Tcl's own numbers are too generous a grammar: 010
# would be eight, and NaN a number.
proc ::scn::options::parse_choice {text} {
    return $text
}

proc ::scn::options::parse_integer {text} {
    if {![regexp {^[0-9]{1,18}$} $text]} {
        return ""
    }
    return [scan $text %lld]
}

proc ::scn::options::parse_number {text} {
    if {![regexp {^[0-9]{1,18}(\.[0-9]{1,18})?$} $text]} {
        return ""
    }
    return [expr {double([scan $text %f])}]
}

proc ::scn::options::parse_bandwidth {text} {
    if {![regexp {^([0-9]{1,12}(?:\.[0-9]{1,9})?)(b|kb|Mb|Gb|)$} $text -> number unit]} {
        return ""
    }
    set factor [dict get {{} 1 b 1 kb 1e3 Mb 1e6 Gb 1e9} $unit]
    return [expr {round([scan $number %f] * $factor)}]
}

proc ::scn::options::parse_set {name members text} {
    set chosen [split $text ,]
    foreach member $chosen {
        if {$member ni $members} {
            refuse "option '$name': '$member' is not one of [join $members {, }]"
        }
    }
    if {![llength $chosen]} {
        refuse "option '$name': at least one of [join $members {, }] is needed"
    }
    return [lmap member $members {
        if {$member ni $chosen} continue
        set member
    }]
}

# What is allowed, for messages and the listing.
proc ::scn::options::describe {type allowed} {
    set limits [lassign $allowed kind]
    if {$kind eq "oneof"} {
        return "one of [join $limits {, }]"
    }
    set noun [dict get {integer "an integer" number "a number" bandwidth "a bandwidth"} $type]
    return "$noun from [lindex $limits 0] to [lindex $limits 1]"
}

# `--list`: one option a line, in aligned columns.
proc ::scn::options::listing {} {
    variable declared
    set rows {{NAME DEFAULT UNIT ALLOWED MEANING}}
    dict for {name declaration} $declared {
        lassign $declaration type unit default allowed doc
        set values [describe $type $allowed]
        if {$type eq "set"} {
            set values [string map {"one of" "any of"} $values]
        }
        lappend rows [list $name $default [expr {$unit eq "" ? "-" : $unit}] $values $doc]
    }
    foreach column {0 1 2 3} {
        lappend widths [tcl::mathfunc::max {*}[lmap row $rows {
            string length [lindex $row $column]
        }]]
    }
    lassign $widths a b c d
    return [join [lmap row $rows {format "%-${a}s  %-${b}s  %-${c}s  %-${d}s  %s" {*}$row}] \n]
}

# How an option's value is written in JSON: string, number or strings.
proc ::scn::options::json_type {name} {
    variable declared
    set type [lindex [dict get $declared $name] 0]
    return [dict get {
        choice string set strings integer number number number bandwidth number
    } $type]
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
