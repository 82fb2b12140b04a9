#!/usr/bin/env tclsh
# field: networks of sensors as large as one likes. Each device uploads to its gateway, over as many
# hops as it takes.
#
#   tclsh field.tcl --list                               the options
#   tclsh field.tcl --plan NAME=VALUE ...                what would be simulated, as JSON
#   ns field.tcl --trace FILE [--nam FILE] NAME=VALUE ...    simulates it

lappend auto_path [file dirname [file normalize [info script]]]
package require scn

scn::main {
    name field
    doc "networks of any shape and size; devices upload to their gateways"
    defaults {rate 10kb packet_size 512}
} $argv
