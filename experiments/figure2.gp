# Figure 2 of the paper, from a run: nodes, gateways, flows and the hidden channel. To redraw:
#
#   gnuplot -c figure2.gp figure2a >../figure2a.svg
#
# The blocks of figure2a.dat are described there. Sizes are in metres, so that arrows end
# where nodes begin.
data = ARG1.'.dat'

stats data index 'nodes' using 2 name 'X' nooutput
stats data index 'nodes' using 3 name 'Y' nooutput
stats data index 'nodes' using 5 name 'N' nooutput
networks = int(N_max)
array gateway[networks]
do for [i = 1:networks] {
    stats data index 'nodes' using ($5 == i ? $4 : NaN) name 'G' nooutput
    gateway[i] = G_max
}
network_title(i) = gateway[i] < 0 ? 'no gateway' : sprintf('network of gateway %d', gateway[i])

width = X_max - X_min > 0 ? X_max - X_min : 100.0
height = Y_max - Y_min
margin = 0.07 * width
r = 0.021 * width           # of a node
gap = 0.35 * r              # between the arrows of two flows against each other

# From (a, b) to (c, d): both ends moved off the nodes and, with both = 1, to the right.
length(a, b, c, d) = sqrt((c - a)**2 + (d - b)**2)
off_x(a, b, c, d, both) = both * gap * (d - b) / length(a, b, c, d)
off_y(a, b, c, d, both) = both * gap * (a - c) / length(a, b, c, d)
cut_x(a, b, c, d) = 1.35 * r * (c - a) / length(a, b, c, d)
cut_y(a, b, c, d) = 1.35 * r * (d - b) / length(a, b, c, d)
from_x(a, b, c, d, both) = a + cut_x(a, b, c, d) + off_x(a, b, c, d, both)
from_y(a, b, c, d, both) = b + cut_y(a, b, c, d) + off_y(a, b, c, d, both)
span_x(a, b, c, d) = c - a - 2 * cut_x(a, b, c, d)
span_y(a, b, c, d) = d - b - 2 * cut_y(a, b, c, d)

pixels = 820.0 * (height + 2 * margin) / (width + 2 * margin) + 150
set terminal svg size 900, (pixels > 1400 ? 1400 : pixels) dynamic enhanced \
    font 'Helvetica,Arial,sans-serif,14' background '#ffffff' name ARG1
set size ratio -1
set xrange [X_min - margin:X_max + margin]
set yrange [Y_min - margin:Y_max + margin]
set xlabel 'x (m)' offset 0, 0.4
set ylabel 'y (m)'
set tics out nomirror
set border 3 linecolor '#666666'
set key outside bottom center horizontal maxrows 3 width 2 samplen 2.5

# Colours that all eyes tell apart (Okabe and Ito); the attack is thick besides.
set linetype 1 linecolor '#56b4e9'
set linetype 2 linecolor '#e69f00'
set linetype 3 linecolor '#009e73'
set linetype 4 linecolor '#f0e442'
set linetype cycle 4
set style arrow 1 head filled size screen 0.014, 18 fixed linecolor '#333333' linewidth 1.6
set style arrow 2 head filled size screen 0.019, 18 fixed linecolor '#d55e00' linewidth 3.5
set style arrow 3 nohead linecolor '#cc79a7' linewidth 9 dashtype (1, 0.6)

plot data index 'hidden' using 1:2:($3 - $1):($4 - $2) with vectors arrowstyle 3 \
        title 'hidden high-power channel', \
     for [i = 1:networks] data index 'nodes' \
        using ($5 == i && $6 == 1 ? $2 : NaN):3:(1.25 * r):(1.25 * r) with boxxyerror \
        fillstyle solid border linecolor '#000000' linetype i notitle, \
     for [i = 1:networks] data index 'nodes' using ($5 == i ? $2 : NaN):3:(r) with circles \
        fillstyle solid noborder linetype i title network_title(i), \
     NaN with points pointtype 4 pointsize 1.6 linecolor '#000000' title 'application gateway', \
     data index 'flows' using (from_x($3, $4, $5, $6, $7)):(from_y($3, $4, $5, $6, $7)): \
        (span_x($3, $4, $5, $6)):(span_y($3, $4, $5, $6)) \
        with vectors arrowstyle 1 title 'flow: device to data server', \
     data index 'attack' using (from_x($3, $4, $5, $6, $7)):(from_y($3, $4, $5, $6, $7)): \
        (span_x($3, $4, $5, $6)):(span_y($3, $4, $5, $6)) \
        with vectors arrowstyle 2 title 'flow of the attack', \
     data index 'nodes' using 2:3:(sprintf('%d', $1)) with labels font ',14' notitle
