package ifneeded scn 1.0 [list apply {{directory} {
    foreach file {options random plan json main} {
        uplevel #0 [list source [file join $directory $file.tcl]]
    }
    # The two files that talk to ns are of use to nobody else.
    if {[llength [info commands ::Simulator]]} {
        foreach file {emit hidden} {
            uplevel #0 [list source [file join $directory $file.tcl]]
        }
    }
    package provide scn 1.0
}} $dir]
