# TAP for tcltest: a test file sources this, calls `test` as tcltest documents it, and ends with
# `finish`. Says one line a test on stdout; tcltest's own words about a failure go to stderr.

package require Tcl 8.6
package require tcltest 2.5
lappend auto_path [file join $env(TOP) scenarios]

namespace eval ::tap {
    variable count 0
    variable failed 0
    tcltest::configure -outfile stderr -verbose {body error}
}

proc test {name description args} {
    upvar #0 ::tap::count count ::tap::failed failed
    set before [array get ::tcltest::numTests]
    uplevel 1 [list ::tcltest::test $name $description {*}$args]
    set line "[incr count] - $name: $description"
    if {$::tcltest::numTests(Passed) > [dict get $before Passed]} {
        puts "ok $line"
    } elseif {$::tcltest::numTests(Skipped) > [dict get $before Skipped]} {
        puts "ok $line # SKIP constraint"
    } else {
        incr failed
        puts "not ok $line"
    }
}

# Prints the plan and exits: 1 when a test failed or there was none.
proc finish {} {
    upvar #0 ::tap::count count ::tap::failed failed
    puts "1..$count"
    exit [expr {$failed > 0 || $count == 0}]
}
