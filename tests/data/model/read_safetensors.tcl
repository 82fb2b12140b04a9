#!/usr/bin/env tclsh
# Reads a safetensors file as its specification says, knowing nothing of this project, and prints
# one line a tensor, `name dtype shape sum`, in the order of the data, then `metadata KEY VALUE`.
#
# Arguments: path of the file
package require json

proc read_file {path} {
    set file [open $path rb]
    set bytes [read $file]
    close $file
    return $bytes
}

proc main {path} {
    set bytes [read_file $path]
    binary scan $bytes w length
    set text [encoding convertfrom utf-8 [string range $bytes 8 [expr {7 + $length}]]]
    set header [json::json2dict $text]
    set data [string range $bytes [expr {8 + $length}] end]

    set metadata [dict get $header __metadata__]
    set tensors [lsort -stride 2 -index {1 end 0} -integer [dict remove $header __metadata__]]
    set at 0
    dict for {name tensor} $tensors {
        lassign [dict get $tensor data_offsets] begin end
        if {$begin != $at} {error "$name begins at $begin, not $at"}
        set at $end
        binary scan [string range $data $begin [expr {$end - 1}]] r* numbers
        if {[llength $numbers] != [tcl::mathop::* {*}[dict get $tensor shape]]} {
            error "$name has [llength $numbers] numbers"
        }
        set sum [format %.9g [tcl::mathop::+ {*}$numbers]]
        puts "$name [dict get $tensor dtype] [join [dict get $tensor shape] x] $sum"
    }
    if {$at != [string length $data]} {error "[string length $data] bytes of data, not $at"}
    foreach key [lsort [dict keys $metadata]] {
        puts "metadata $key [dict get $metadata $key]"
    }
}

fconfigure stdout -encoding utf-8
main {*}$argv
