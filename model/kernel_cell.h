/* What happens element by element: GRU and LSTM cells, attention. */
#ifndef MODEL_KERNEL_CELL_H
#define MODEL_KERNEL_CELL_H

#include "model/kernel_exp.h"

KERNEL void gru_forward(const struct nn_cell_step *step)
{
    const int H = step->H;
    for (int i = 0; i < step->n; i += NN_LANES) {
        nn_real *gi = step->gi + i, *gh = step->gh + i;
        const int k = MIN(step->n - i, NN_LANES);
        const vec r = vec_sigmoid(load_some(gi, k) + load_some(gh, k));
        const vec z = vec_sigmoid(load_some(gi + H, k) + load_some(gh + H, k));
        const vec n = vec_tanh(load_some(gi + 2 * H, k) + r * load_some(gh + 2 * H, k));
        store_some(step->h + i, n + z * (load_some(step->h_prev + i, k) - n), k);
        store_some(gi, r, k);
        store_some(gi + H, z, k);
        store_some(gi + 2 * H, n, k);
    }
}

KERNEL void gru_backward(const struct nn_cell_slope *slope)
{
    const int H = slope->H;
    for (int i = 0; i < slope->n; i += NN_LANES) {
        nn_real *gi = slope->gi + i, *gh = slope->gh + i;
        const int k = MIN(slope->n - i, NN_LANES);
        const vec r = load_some(gi, k), z = load_some(gi + H, k), n = load_some(gi + 2 * H, k);
        const vec dh = load_some(slope->dh + i, k);
        const vec dn = dh * (1 - z) * (1 - n * n);
        const vec dz = dh * (load_some(slope->h_prev + i, k) - n) * z * (1 - z);
        const vec dr = dn * load_some(gh + 2 * H, k) * r * (1 - r);
        store_some(gi, dr, k);
        store_some(gi + H, dz, k);
        store_some(gi + 2 * H, dn, k);
        store_some(gh, dr, k);
        store_some(gh + H, dz, k);
        store_some(gh + 2 * H, dn * r, k);
        store_some(slope->dh + i, dh * z, k);
    }
}

KERNEL void lstm_forward(const struct nn_cell_step *step)
{
    const int H = step->H;
    for (int j = 0; j < step->n; j += NN_LANES) {
        nn_real *gi = step->gi + j, *gh = step->gh + j;
        const int k = MIN(step->n - j, NN_LANES);
        const vec i = vec_sigmoid(load_some(gi, k) + load_some(gh, k));
        const vec f = vec_sigmoid(load_some(gi + H, k) + load_some(gh + H, k));
        const vec g = vec_tanh(load_some(gi + 2 * H, k) + load_some(gh + 2 * H, k));
        const vec o = vec_sigmoid(load_some(gi + 3 * H, k) + load_some(gh + 3 * H, k));
        const vec c = f * load_some(step->c_prev + j, k) + i * g;
        store_some(step->c + j, c, k);
        store_some(step->h + j, o * vec_tanh(c), k);
        store_some(gi, i, k);
        store_some(gi + H, f, k);
        store_some(gi + 2 * H, g, k);
        store_some(gi + 3 * H, o, k);
    }
}

/* h_prev acts through gh alone, so nothing is left in dh. */
KERNEL void lstm_backward(const struct nn_cell_slope *slope)
{
    const int H = slope->H;
    for (int j = 0; j < slope->n; j += NN_LANES) {
        nn_real *gi = slope->gi + j, *gh = slope->gh + j;
        const int k = MIN(slope->n - j, NN_LANES);
        const vec i = load_some(gi, k), f = load_some(gi + H, k);
        const vec g = load_some(gi + 2 * H, k), o = load_some(gi + 3 * H, k);
        const vec dh = load_some(slope->dh + j, k), tanh_c = vec_tanh(load_some(slope->c + j, k));
        const vec dc = load_some(slope->dc + j, k) + dh * o * (1 - tanh_c * tanh_c);
        const vec d[] = {dc * g * i * (1 - i), dc * load_some(slope->c_prev + j, k) * f * (1 - f),
                         dc * i * (1 - g * g), dh * tanh_c * o * (1 - o)};
        UNROLL (gate, 4) {
            store_some(gi + gate * H, d[gate], k);
            store_some(gh + gate * H, d[gate], k);
        }
        store_some(slope->dc + j, dc * f, k);
        store_some(slope->dh + j, (vec){0}, k);
    }
}

KERNEL void attention_forward(const nn_real *q, struct nn_matrix k, struct nn_matrix u)
{
    for (int s = 0; s < u.rows; s++)
        for (int i = 0; i < u.cols; i += NN_LANES) {
            const int n = MIN(u.cols - i, NN_LANES);
            const vec sum = load_some(q + i, n) + load_some(nn_row(k, s) + i, n);
            store_some(nn_row(u, s) + i, vec_tanh(sum), n);
        }
}

KERNEL void attention_backward(const nn_real *v, struct nn_matrix u, const nn_real *dscore,
                               nn_real *dq, struct nn_matrix dk, nn_real *dv)
{
    for (int i = 0; i < u.cols; i += NN_LANES) {
        const int n = MIN(u.cols - i, NN_LANES);
        const vec vi = load_some(v + i, n);
        vec q_sum = {0}, v_sum = load_some(dv + i, n);
        for (int s = 0; s < u.rows; s++) {
            const vec us = load_some(nn_row(u, s) + i, n);
            const vec e = dscore[s] * vi * (1 - us * us);
            nn_real *p = nn_row(dk, s) + i;
            store_some(p, load_some(p, n) + e, n);
            q_sum += e;
            v_sum += dscore[s] * us;
        }
        store_some(dq + i, q_sum, n);
        store_some(dv + i, v_sum, n);
    }
}

#endif
