# Types of option values, by name. Each has a parser, which answers "" for what it cannot read
# (Tcl's own numbers are too generous a grammar: 010 would be eight, and NaN a number), and a JSON
# form. Canonical: integers without leading zeros, numbers as doubles, bandwidths in bit/s, sets and
# combinations in the order of what is allowed.
#
#   choice       one of some words
#   combination  some of them, joined by +
#   set          some of them, joined by commas
#   integer, number
#   time         a number, or nothing: then another time stands in for it
#   bandwidth    b, kb, Mb or Gb a second
#   nodes        node numbers joined by commas, or nothing
#   pairs        A-B joined by commas, or nothing

namespace eval ::scn::values {
    variable nouns {
        integer "an integer" number "a number" time "a time" bandwidth "a bandwidth"
    }
}

# One value in canonical form.
# Arguments: name     of the option, for messages
#            type     as above
#            allowed  `oneof WORD ...`, `range LOWEST HIGHEST`, which may go on `or 0`, or what a
#                     list is of
#            text     as given
# Errors:    SCN USAGE when the text is not such a value, or not allowed
proc ::scn::values::parse {name type allowed text} {
    set limits [lassign $allowed kind]
    switch $type {
        set         {return [parse_members $name $limits [split $text ,]]}
        combination {return [parse_combination $name $limits $text]}
        nodes       {return [parse_list $name node $text]}
        pairs       {return [parse_list $name pair $text]}
        time        {if {$text eq ""} {return ""}; set reader number}
        default     {set reader $type}
    }
    set value [parse_$reader $text]
    if {$value eq "" || ![fits $value $reader $kind $limits]} {
        set meant [expr {$type eq "choice" ? [::scn::options::suggestion $text $limits] : ""}]
        ::scn::options::refuse "option '$name': '$text' is not [describe $type $allowed]$meant"
    }
    return $value
}

proc ::scn::values::fits {value reader kind limits} {
    if {$kind eq "oneof"} {
        return [expr {$value in [lmap limit $limits {parse_$reader $limit}]}]
    }
    lassign $limits lowest highest or other
    return [expr {($value >= [parse_$reader $lowest] && $value <= [parse_$reader $highest])
        || ($or eq "or" && $value == $other)}]
}

proc ::scn::values::parse_choice {text} {
    return $text
}

proc ::scn::values::parse_integer {text} {
    if {![regexp {^[0-9]{1,18}$} $text]} {
        return ""
    }
    return [scan $text %lld]
}

proc ::scn::values::parse_number {text} {
    if {![regexp {^([0-9]{1,18}(\.[0-9]{1,18})?|\.[0-9]{1,18})$} $text]} {
        return ""
    }
    return [expr {double([scan $text %f])}]
}

proc ::scn::values::parse_bandwidth {text} {
    set form {^([0-9]{1,12}(?:\.[0-9]{1,9})?|\.[0-9]{1,9})(b|kb|Mb|Gb|)$}
    if {![regexp $form $text -> number unit]} {
        return ""
    }
    set factor [dict get {{} 1 b 1 kb 1e3 Mb 1e6 Gb 1e9} $unit]
    return [expr {round([scan $number %f] * $factor)}]
}

proc ::scn::values::parse_node {text} {
    return [expr {[regexp {^(0|[1-9][0-9]{0,5})$} $text] ? $text : ""}]
}

# Results: list of two nodes
proc ::scn::values::parse_pair {text} {
    return [expr {[regexp {^(0|[1-9][0-9]{0,5})-(0|[1-9][0-9]{0,5})$} $text -> a b]
        ? [list $a $b] : ""}]
}

proc ::scn::values::parse_list {name reader text} {
    return [lmap item [expr {$text eq "" ? {} : [split $text ,]}] {
        set value [parse_$reader $item]
        if {$value eq ""} {
            ::scn::options::refuse "option '$name': '$item' is not [dict get {
                node "a node number" pair "a pair of node numbers, as in 14-15"
            } $reader]"
        }
        set value
    }]
}

# Members in the order of what is allowed.
proc ::scn::values::parse_members {name members chosen} {
    foreach member $chosen {
        if {$member ni $members} {
            ::scn::options::refuse "option '$name': '$member' is not one of\
                [join $members {, }][::scn::options::suggestion $member $members]"
        }
    }
    if {![llength $chosen]} {
        ::scn::options::refuse "option '$name': at least one of [join $members {, }] is needed"
    }
    return [lmap member $members {
        if {$member ni $chosen} continue
        set member
    }]
}

# The first member means none of the others.
proc ::scn::values::parse_combination {name members text} {
    set chosen [parse_members $name $members [split $text +]]
    set none [lindex $members 0]
    if {[llength $chosen] > 1 && $none in $chosen} {
        ::scn::options::refuse "option '$name': '$text' is $none and something"
    }
    return [join $chosen +]
}

# What is allowed, for messages and the listing.
proc ::scn::values::describe {type allowed} {
    variable nouns
    set limits [lassign $allowed kind]
    switch $type {
        nodes - pairs {return $allowed}
        choice {return "one of [join $limits {, }]"}
        set {return "any of [join $limits {, }]"}
        combination {return "any of [join $limits {, }], joined by +"}
    }
    if {$kind eq "oneof"} {
        return "one of [join $limits {, }]"
    }
    lassign $limits lowest highest or other
    set more [expr {$or eq "or" ? ", or $other" : ""}]
    return "[dict get $nouns $type] from $lowest to $highest$more"
}

# A canonical value in JSON.
proc ::scn::values::json {type value} {
    switch $type {
        choice - combination {return [json::write string $value]}
        set {return [json::write array {*}[lmap word $value {json::write string $word}]]}
        nodes {return [json::write array {*}$value]}
        pairs {return [json::write array {*}[lmap pair $value {json::write array {*}$pair}]]}
        time {return [expr {$value eq "" ? "null" : $value}]}
        default {return $value}
    }
}
