# Named random sub-streams of one seed. A stream starts at a state mixed from the seed and its name,
# so that drawing more from one, or adding one, moves no other. Plain Tcl: ns is not needed, and its
# own generator (which it shares between MAC, AODV and everything else) is not touched.

namespace eval ::scn::random {
    variable mask 0xFFFFFFFFFFFFFFFF
}

# The output function of splitmix64 (Steele, Lea, Flood 2014): a bijection of 64-bit numbers in
# which each input bit moves about half the output bits.
proc ::scn::random::mix {z} {
    variable mask
    set z [expr {(($z ^ ($z >> 30)) * 0xBF58476D1CE4E5B9) & $mask}]
    set z [expr {(($z ^ ($z >> 27)) * 0x94D049BB133111EB) & $mask}]
    return [expr {$z ^ ($z >> 31)}]
}

# FNV-1a of a name, 64 bits.
proc ::scn::random::hash {name} {
    variable mask
    set h 0xCBF29CE484222325
    foreach character [split $name ""] {
        set h [expr {(($h ^ [scan $character %c]) * 0x100000001B3) & $mask}]
    }
    return $h
}

# Opens a stream. Results: its state, to be kept in a variable and passed by name to the draws.
proc ::scn::random::stream {seed name} {
    return [expr {[mix $seed] ^ [hash $name]}]
}

# The next 64 random bits of the stream in the caller's variable.
proc ::scn::random::next {stateVar} {
    upvar 1 $stateVar state
    variable mask
    set state [expr {($state + 0x9E3779B97F4A7C15) & $mask}]
    return [mix $state]
}

# An integer from 0 to n - 1, n < 2^32 (the bias of the remainder is below 2^-32).
proc ::scn::random::below {stateVar n} {
    upvar 1 $stateVar state
    return [expr {[next state] % $n}]
}

# A seed for a generator of ns. These start small, near seeds nearly alike; a mixed 31-bit number
# keeps runs apart. It must not be 0, which would mean the time of day, nor 2^31 - 1, on which ns
# exits.
proc ::scn::random::ns_seed {stateVar} {
    upvar 1 $stateVar state
    return [expr {1 + [below state 2147483646]}]
}
