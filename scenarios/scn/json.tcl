# A plan as JSON, for the run manifest. What only the building of a run needs (silent flows, area,
# the replaced flow) is left out.

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
        parameters [parameters $parameters] \
        nodes [objects [dict get $plan nodes] {role}] \
        flows [objects [dict get $plan flows] {proto} {attack}] \
        hidden_channel [hidden_channel $plan] \
        interfaces [objects [dict get $plan interfaces] {} {hidden}] \
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
    set members {}
    dict for {name value} $parameters {
        switch [::scn::options::json_type $name] {
            string {set value [json::write string $value]}
            strings {set value [strings $value]}
        }
        lappend members $name $value
    }
    return [json::write object {*}$members]
}

# A list of dicts of numbers, except for the keys that hold strings or truth values.
proc ::scn::json::objects {dicts stringKeys {booleanKeys {}}} {
    return [json::write array {*}[lmap item $dicts {
        set members {}
        dict for {key value} $item {
            if {$key in $stringKeys} {
                set value [json::write string $value]
            } elseif {$key in $booleanKeys} {
                set value [boolean $value]
            }
            lappend members $key $value
        }
        json::write object {*}$members
    }]]
}

proc ::scn::json::hidden_channel {plan} {
    set channel [dict get $plan hidden_channel]
    set hidden [lmap interface [dict get $plan interfaces] {
        expr {[dict get $interface hidden] ? [dict remove $interface hidden] : [continue]}
    }]
    set start [dict get $channel start]
    return [json::write object \
        active [boolean [dict get $channel active]] \
        members [json::write array {*}[dict get $channel members]] \
        interfaces [objects $hidden {}] \
        start [expr {$start eq "" ? "null" : $start}]]
}
