#!/usr/bin/env tclsh
# cloud: networks of sensors whose gateways are base stations; devices upload to servers behind
# wired links.
#
#   tclsh cloud.tcl --list                               the options
#   tclsh cloud.tcl --plan NAME=VALUE ...                what would be simulated, as JSON
#   ns cloud.tcl --trace FILE [--nam FILE] NAME=VALUE ...    simulates it

lappend auto_path [file dirname [file normalize [info script]]]
package require scn

scn::main {
    name cloud
    doc "networks whose gateways are base stations; devices upload to wired servers"
    form cloud
    defaults {rate 10kb packet_size 512 routing static nodes 20 gateways 2}
} $argv
