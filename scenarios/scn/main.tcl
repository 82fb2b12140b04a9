# The command line that every scenario script has.

namespace eval ::scn {
    # Everything that shapes a run: the script, this library, and what the script sources.
    variable sources [concat [list [file normalize $argv0]] \
        [lsort [glob [file join [file dirname [file normalize [info script]]] *.tcl]]]]
}

# Called with each `source` command before ::scn::main is.
proc ::scn::note_source {command operation} {
    variable sources
    set file [file normalize [lindex $command end]]
    if {$file ni $sources && [file tail $file] ne "pkgIndex.tcl"} {
        lappend sources $file
    }
}
trace add execution ::source enter ::scn::note_source

# Refuses a script in which something is not closed: Tcl would notice when it comes there, after
# this library is loaded, and print what it has read.
proc ::scn::check_complete {file} {
    if {![file isfile $file]} {
        return
    }
    set channel [open $file]
    set text [read $channel]
    close $channel
    if {[info complete $text]} {
        return
    }
    set number 0
    set command ""
    foreach line [split $text \n] {
        incr number
        if {$command eq ""} {
            set first $number
        }
        append command $line \n
        if {[info complete $command]} {
            set command ""
        }
    }
    puts stderr "$file:$first: a brace, bracket or quote of the command that begins here is not\
        closed"
    exit 2
}
::scn::check_complete $argv0

# Runs a scenario script. Exits 2 with one line on stderr when an argument is wrong, 4 when an
# output file cannot be written.
# Arguments: scenario   dict as described in plan.tcl
#            arguments  the script's arguments
proc ::scn::main {scenario arguments} {
    trace remove execution ::source enter ::scn::note_source
    try {
        check::scenario $scenario
        lassign [split_arguments $arguments] switches settings
        if {[dict exists $switches --list]} {
            puts [options::listing $scenario]
            return
        }
        if {[dict exists $switches --ns-version]} {
            require_ns $scenario
            puts [ns-version]
            return
        }
        if {[dict exists $switches --plans]} {
            print_plans $scenario [dict get $switches --plans]
            return
        }
        set plan [plan::make $scenario $settings]
        if {[dict exists $switches --plan]} {
            variable sources
            puts [json::plan $plan $sources]
            return
        }
        require_ns $scenario
        if {![dict exists $switches --trace]} {
            options::refuse "--trace FILE is missing"
        }
        emit::simulate $plan $switches
    } trap {SCN USAGE} message {
        fail $scenario 2 $message
    } trap {SCN OUTPUT} message {
        fail $scenario 4 $message
    } trap {TCL VALUE} message {
        fail $scenario 2 "the scenario cannot be read: $message"
    }
}

# Prints the plans of many runs, or why a run is refused, each as one line of JSON; behind them, if
# an option that was given has an effect on none of them, a refusal.
# Arguments: file  name of a file with one run a line: its NAME=VALUE settings, separated by tabs
# Errors:    SCN USAGE when the file cannot be read
proc ::scn::print_plans {scenario file} {
    variable sources
    try {
        set channel [open $file]
    } on error message {
        options::refuse $message
    }
    while {[gets $channel line] >= 0} {
        try {
            set plan [plan::make $scenario [split $line \t]]
            puts [json::plan $plan $sources 0]
            set unused [dict get $plan unused]
            if {[info exists always]} {
                set unused [dict map {name why} [dict filter $unused key {*}[dict keys $always]] {
                    expr {$why ne "" && ([string match "has *" $why]
                        || [dict get $always $name] eq "") ? $why : [dict get $always $name]}
                }]
            }
            set always $unused
        } trap {SCN USAGE} message {
            puts [json::refusal "[name $scenario]: $message"]
        }
    }
    close $channel
    foreach {option why} [expr {[info exists always] ? $always : {}}] {
        if {$why ne ""} {
            puts [json::refusal "[name $scenario]: option '$option' $why"]
            break
        }
    }
}

proc ::scn::require_ns {scenario} {
    if {![llength [info commands ::ns-version]]} {
        set script [dict get $scenario name].tcl
        options::refuse "tclsh can only --list and --plan: to simulate, call 'ns $script'"
    }
}

proc ::scn::name {scenario} {
    if {[catch {dict get $scenario name} name]} {
        return $::argv0
    }
    return $name
}

proc ::scn::fail {scenario status message} {
    puts stderr "[name $scenario]: $message"
    exit $status
}

# Arguments: arguments  of the script
# Results:   dict of switches with their values, list of the NAME=VALUE arguments
proc ::scn::split_arguments {arguments} {
    set switches {}
    set settings {}
    while {[llength $arguments]} {
        set arguments [lassign $arguments argument]
        switch -glob -- $argument {
            --list - --plan - --ns-version {
                dict set switches $argument 1
            }
            --plans - --trace - --nam - --hidden-trace {
                if {![llength $arguments]} {
                    options::refuse "$argument needs a file name"
                }
                set arguments [lassign $arguments value]
                dict set switches $argument $value
            }
            -* {
                options::refuse "unknown option '$argument'[options::suggestion $argument \
                    {--list --plan --plans --ns-version --trace --nam --hidden-trace}]"
            }
            default {
                lappend settings $argument
            }
        }
    }
    return [list $switches $settings]
}
