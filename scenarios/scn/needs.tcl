# Options without effect: those of attacks that the run has not, and those that say nothing beside
# others. An option's declaration may end in what it needs, a list of {OPTION VALUE ...}: the other
# option has one of these values. !VALUE is any but this one, and an empty one stands for a list of
# nodes that is not given. {collusion} is the scenario's own pair.

namespace eval ::scn::needs {}

# Results: dict from the names of given options that have no effect to why, as messages end; "" for
#          one that is given its default, which may be: so a run's parameters can be given again
proc ::scn::needs::unused {scenario values given} {
    set options [::scn::options::of $scenario]
    set unused {}
    foreach name $given {
        set declaration [dict get $options $name]
        lassign $declaration group type unit default allowed
        set why [of_attack $group $name $values]
        foreach need [lindex $declaration 6] {
            if {$why eq ""} {
                set why [unmet $scenario $values $need]
            }
        }
        if {$why ne ""} {
            set is_default [expr {[dict get $values $name]
                eq [::scn::values::parse $name $type $allowed $default]}]
            dict set unused $name [expr {$is_default ? "" : $why}]
        }
    }
    return $unused
}

# Values of which those that have no effect are the defaults: runs that differ in nothing else are
# one run.
proc ::scn::needs::effective {scenario values unused} {
    set options [::scn::options::of $scenario]
    foreach name [dict keys $unused] {
        lassign [dict get $options $name] group type unit default allowed
        dict set values $name [::scn::values::parse $name $type $allowed $default]
    }
    return $values
}

# Why an option of a group has no effect with the run's attacks, or "".
proc ::scn::needs::of_attack {group name values} {
    set active [split [dict get $values attack] +]
    if {[lindex $group 0] ne "attack" || $name eq "attack"} {
        return ""
    }
    if {$active eq "none" || ([llength $group] > 1 && [lindex $group 1] ni $active)} {
        return "is of no attack that is simulated"
    }
    if {$group eq "attack"} {
        set own [::scn::attack::own_times [string map {attack_ ""} $name] $active]
        if {"" ni [lmap option $own {dict get $values $option}]} {
            return "has no effect with [join $own {, }]"
        }
    }
    return ""
}

# Why a need is not met, or "".
proc ::scn::needs::unmet {scenario values need} {
    set wanted [lassign $need other]
    if {$other eq "collusion"} {
        return [expr {[dict exists $scenario collusion] ? ""
            : "has no effect in a scenario without a collusion"}]
    }
    set value [dict get $values $other]
    foreach word $wanted {
        if {[string match !* $word] ? $value != [string range $word 1 end] : $value == $word} {
            return ""
        }
    }
    return "has no effect with [expr {$wanted eq "{}" ? $other : "$other $value"}]"
}

# What an option needs, for the listing.
proc ::scn::needs::describe {needs} {
    return [join [lmap need $needs {
        set wanted [lassign $need other]
        switch -glob -- $wanted {
            ""      {string cat "a scenario's " $other}
            "{}"    {string cat "no " $other}
            !*      {string cat $other " not " [string range $wanted 1 end]}
            default {string cat $other " " [join $wanted " or "]}
        }
    }] "; "]
}
