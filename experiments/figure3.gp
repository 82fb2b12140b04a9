# Figure 3 of the paper: training loss of the models without and with attack. To redraw:
#
#   gnuplot -c figure3.gp figure3 >../figure3.svg
data = ARG1.'.dat'

set terminal svg size 900, 480 dynamic enhanced font 'Helvetica,Arial,sans-serif,14' \
    background '#ffffff' name ARG1
set xlabel 'iteration (x 100)'
set ylabel 'NLL loss (nats a word), mean over 100 iterations'
set border 3 linecolor '#666666'
set tics out nomirror
set grid linecolor '#dddddd'
set yrange [0:*]
set key top right samplen 3

# Thin lines for what was measured; of the two the darker is drawn last.
plot data index 'attack' using ($1 / 100):2 with lines linewidth 1.2 linecolor '#e69f00' \
        title 'with attack (combined traces)', \
     data index 'benign' using ($1 / 100):2 with lines linewidth 1.2 linecolor '#0072b2' \
        title 'without attack'
