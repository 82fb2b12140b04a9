# A plan as JSON, for the run manifest. What only the building of a run needs is left out.

namespace eval ::scn::json {}

# Arguments: plan      dict from ::scn::plan::make
#            sources   files that the plan depends on
#            indented  for people, or else on one line
# Results:   JSON text
proc ::scn::json::plan {plan sources {indented 1}} {
    package require json::write
    json::write indented $indented
    json::write aligned 0
    set parameters [dict get $plan parameters]
    return [json::write object \
        scenario [json::write string [dict get $plan scenario]] \
        attack [json::write string [dict get $parameters attack]] \
        traffic [json::write string [dict get $parameters traffic]] \
        seed [dict get $parameters seed] \
        duration [dict get $parameters duration] \
        routing [json::write string [dict get $plan routing]] \
        parameters [parameters $parameters] \
        area [json::write array {*}[dict get $plan area]] \
        range [dict get $plan range] \
        nodes [objects [dict get $plan nodes]] \
        movements [objects [dict get $plan movements]] \
        links [objects [dict get $plan links]] \
        flows [flows [dict get $plan flows]] \
        interfaces [objects [dict get $plan interfaces]] \
        attacks [json::write array {*}[lmap attack [dict get $plan attacks] {attack $attack}]] \
        ns_seed [dict get $plan ns_seed] \
        sources [strings $sources]]
}

# What stands in the place of a plan that is refused, on one line.
proc ::scn::json::refusal {message} {
    package require json::write
    json::write indented 0
    return [json::write object refused [json::write string $message]]
}

proc ::scn::json::boolean {value} {
    return [expr {$value ? "true" : "false"}]
}

proc ::scn::json::strings {values} {
    return [json::write array {*}[lmap value $values {json::write string $value}]]
}

proc ::scn::json::parameters {parameters} {
    return [json::write object {*}[concat {*}[lmap {name value} $parameters {
        list $name [::scn::values::json [::scn::options::type_of $name] $value]
    }]]]
}

# Members of nodes, flows, interfaces and attacks are known by name to be strings or truth values;
# all others are numbers.
proc ::scn::json::member {key value} {
    switch $key {
        role - proto - profile - op - layer - ptype {
            return [json::write string $value]
        }
        hidden - covert - foreign - foreign_mac - unexplained - attack {
            return [boolean $value]
        }
        between {
            return [json::write array {*}$value]
        }
    }
    return $value
}

proc ::scn::json::object {members} {
    return [json::write object {*}[concat {*}[lmap {key value} $members {
        if {$value eq ""} continue
        list $key [member $key $value]
    }]]]
}

proc ::scn::json::objects {dicts} {
    return [json::write array {*}[lmap item $dicts {object $item}]]
}

# Those that send.
proc ::scn::json::flows {flows} {
    return [json::write array {*}[lmap flow $flows {
        set periods [dict get $flow periods]
        if {![llength $periods]} continue
        set members [dict remove $flow periods source shares fid]
        dict set members start [lindex $periods 0 0]
        dict set members stop [lindex $periods end 1]
        dict set members periods [json::write array {*}[lmap period $periods {
            json::write array {*}$period
        }]]
        object $members
    }]]
}

proc ::scn::json::attack {attack} {
    return [json::write object \
        attack [json::write string [dict get $attack attack]] \
        start [dict get $attack start] \
        stop [dict get $attack stop] \
        nodes [objects [dict get $attack nodes]] \
        parameters [parameters [dict get $attack parameters]] \
        labels [objects [dict get $attack labels]]]
}
