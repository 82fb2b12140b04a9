# The files that a simulation writes.

namespace eval ::scn::output {
    # Bytes handed to each channel so far: see `count`.
    variable written {}
}

# Errors: SCN OUTPUT when the file cannot be made
proc ::scn::output::open {file} {
    if {[catch {::open $file w} channel]} {
        return -code error -errorcode {SCN OUTPUT} $channel
    }
    fconfigure $channel -translation binary
    chan push $channel [list ::scn::output::count $file]
    return $channel
}

# ns does not look at whether its writes succeed, and Tcl forgets an error once a later write is
# fine. A channel transformation that changes nothing counts what should have been written.
proc ::scn::output::count {file operation handle args} {
    variable written
    switch $operation {
        initialize {
            dict set written $file 0
            return {initialize finalize write flush}
        }
        write {
            lassign $args bytes
            dict incr written $file [string length $bytes]
            return $bytes
        }
    }
    return ""
}

# Results: why not all of the file is written, or ""
proc ::scn::output::close {channel file} {
    variable written
    try {
        flush $channel
        chan pop $channel
        ::close $channel
    } on error {message options} {
        return [lindex [dict get $options -errorcode] end]
    }
    set expected [dict get $written $file]
    if {[file isfile $file] && [file size $file] != $expected} {
        return "[file size $file] of $expected bytes are there"
    }
    return ""
}
