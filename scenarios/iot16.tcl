#!/usr/bin/env tclsh
# iot16: the scenario of the paper (paper.txt Fig. 2). Sixteen nodes in two hexagons, 400 m apart at
# a range of 250 m, each behind the application gateway in its centre; eight uploads, and one pair
# that can collaborate over a hidden channel across the gap.
#
#   tclsh iot16.tcl --list                               the options
#   tclsh iot16.tcl --plan NAME=VALUE ...                what would be simulated, as JSON
#   ns iot16.tcl --trace FILE [--nam FILE] NAME=VALUE ...    simulates it

lappend auto_path [file dirname [file normalize [info script]]]
package require scn

scn::main {
    name iot16
    doc "the paper's: sixteen nodes behind two gateways, and a pair that can collude"
    area {1440 1000}
    nodes {
        { 0  100 399 12} { 1  200 200 12} { 2  199 600 12} { 3  398 599 12}
        { 4  399 199 12} { 5  799 201 13} { 6 1000 201 13} { 7 1099 400 13}
        { 8 1000 598 13} { 9  800 599 13} {10    1 200 12} {11    1 600 12}
        {12  299 400 12} {13  900 399 13} {14  300 500 12} {15  900 300 13}
    }
    uploads {{14 2} {6 15} {3 2} {2 3} {8 9} {0 12} {2 11} {15 5}}
    collusion {14 15}
} $argv
