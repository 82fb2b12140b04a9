# Sensor profiles: what a device of a kind sends, over whatever transport. Real devices send for
# days; these are scaled so that ten seconds of simulation show several packets of each.

namespace eval ::scn::profiles {
    # name -> options of group traffic, canonical, that stand in for those of the run
    variable table {
        thermometer {rate 1000   packet_size 40   pattern cbr
                     upload_size 200    upload_interval 1.0  request_size 150  response_size 60
                     think_time 1.0}
        meter       {rate 4000   packet_size 120  pattern cbr
                     upload_size 1000   upload_interval 1.0  request_size 800  response_size 100
                     think_time 0.8}
        tracker     {rate 8000   packet_size 80   pattern poisson
                     upload_size 800    upload_interval 0.5  request_size 300  response_size 80
                     think_time 0.4}
        wearable    {rate 16000  packet_size 200  pattern onoff on_time 0.4 off_time 0.6
                     upload_size 4000   upload_interval 1.0  request_size 2000 response_size 200
                     think_time 0.5}
        lock        {rate 4000   packet_size 60   pattern onoff on_time 0.2 off_time 0.6
                     upload_size 300    upload_interval 2.0  request_size 250  response_size 250
                     think_time 2.0}
        microphone  {rate 64000  packet_size 160  pattern onoff on_time 1.0 off_time 1.35
                     upload_size 8000   upload_interval 1.0  request_size 8000 response_size 100
                     think_time 0.5}
        camera      {rate 300000 packet_size 1000 pattern onoff on_time 0.8 off_time 0.4
                     upload_size 25000  upload_interval 1.0  request_size 20000 response_size 200
                     think_time 0.6}
        gauge       {rate 2000   packet_size 60   pattern poisson
                     upload_size 400    upload_interval 1.0  request_size 200  response_size 60
                     think_time 0.7}
    }
}

proc ::scn::profiles::options {name} {
    variable table
    return [dict get $table $name]
}

# Any of them, all as likely.
proc ::scn::profiles::draw {streamVar} {
    upvar 1 $streamVar stream
    variable table
    return [lindex [dict keys $table] [::scn::random::below stream [dict size $table]]]
}
