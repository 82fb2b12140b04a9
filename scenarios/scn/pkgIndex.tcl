package ifneeded scn 1.0 [list apply {{directory} {
    set files {options values needs random check plan topology mobility routes cloud uploads
        profiles traffic extra_uploads attack}
    foreach file [lsort [glob -directory $directory -tails attack_*.tcl]] {
        lappend files [file rootname $file]
    }
    lappend files json main
    # Those that talk to ns are of use to nobody else.
    if {[llength [info commands ::Simulator]]} {
        lappend files output emit
        foreach file [lsort [glob -directory $directory -tails emit_*.tcl]] {
            lappend files [file rootname $file]
        }
    }
    foreach file $files {
        uplevel #0 [list source [file join $directory $file.tcl]]
    }
    ::scn::attack::declare_common
    package provide scn 1.0
}} $dir]
