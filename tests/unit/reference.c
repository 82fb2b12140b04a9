#include "tests/unit/reference.h"
#include <math.h>
#include <string.h>

/* ---- vectors and matrices, row-major ---- */

/* y += W x */
static void add_product(const double *w, int rows, int cols, const double *x, double *y)
{
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < cols; j++)
            y[i] += w[(gsize)i * cols + j] * x[j];
}

/* Its gradients: dx += W^T dy, dW += dy x^T. */
static void product_backward(const double *w, int rows, int cols, const double *x, const double *dy,
                             double *dw, double *dx)
{
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < cols; j++) {
            dx[j] += w[(gsize)i * cols + j] * dy[i];
            dw[(gsize)i * cols + j] += dy[i] * x[j];
        }
}

static void add(const double *x, int n, double *y)
{
    for (int i = 0; i < n; i++)
        y[i] += x[i];
}

static double dot(const double *x, const double *y, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += x[i] * y[i];
    return sum;
}

static double sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

static double log_sum_exp(const double *x, int n)
{
    double most = x[0];
    for (int i = 1; i < n; i++)
        most = fmax(most, x[i]);
    double sum = exp(x[0] - most);
    for (int i = 1; i < n; i++)
        sum += exp(x[i] - most);
    return most + log(sum);
}

static void softmax(const double *x, int n, double *y)
{
    const double lse = log_sum_exp(x, n);
    for (int i = 0; i < n; i++)
        y[i] = exp(x[i] - lse);
}

static gint32 argmax(const double *x, int n)
{
    gint32 best = 0;
    for (int i = 1; i < n; i++)
        if (x[i] > x[best])
            best = i;
    return best;
}

/* ---- tensors ---- */

static const double *weight(const reference *r, enum nn_tensor_id id)
{
    return r->weights + r->tensor[id].offset;
}

static double *gradient(const reference *r, enum nn_tensor_id id)
{
    return r->gradient + r->tensor[id].offset;
}

static gboolean has_context(const reference *r)
{
    return r->shape.attention != NN_NO_ATTENTION;
}

/* ---- the cells ----
 *
 * gi = W_ih x + b_ih and gh = W_hh h_prev + b_hh have one part for each gate.
 */

/*
 * GRU:  r = sigmoid(gi_r + gh_r)   z = sigmoid(gi_z + gh_z)   n = tanh(gi_n + r gh_n)
 *       h = (1 - z) n + z h_prev
 */
static void gru_forward(int H, const double *gi, const double *gh, const double *h_prev,
                        double *gate, double *h)
{
    for (int i = 0; i < H; i++) {
        const double r = sigmoid(gi[i] + gh[i]);
        const double z = sigmoid(gi[H + i] + gh[H + i]);
        const double n = tanh(gi[2 * H + i] + r * gh[2 * H + i]);
        h[i] = (1 - z) * n + z * h_prev[i];
        gate[i] = r;
        gate[H + i] = z;
        gate[2 * H + i] = n;
    }
}

static void gru_backward(int H, const double *gate, const double *gh, const double *h_prev,
                         const double *dh, double *dgi, double *dgh, double *dh_prev)
{
    for (int i = 0; i < H; i++) {
        const double r = gate[i], z = gate[H + i], n = gate[2 * H + i];
        const double dn = dh[i] * (1 - z), dz = dh[i] * (h_prev[i] - n);
        dh_prev[i] += dh[i] * z;
        dgi[2 * H + i] = dn * (1 - n * n);
        dgh[2 * H + i] = dgi[2 * H + i] * r;
        const double dr = dgi[2 * H + i] * gh[2 * H + i];
        dgi[i] = dgh[i] = dr * r * (1 - r);
        dgi[H + i] = dgh[H + i] = dz * z * (1 - z);
    }
}

/*
 * LSTM: i, f, o = sigmoid(gi + gh)   g = tanh(gi_g + gh_g)
 *       c = f c_prev + i g           h = o tanh(c)
 */
static void lstm_forward(int H, const double *gi, const double *gh, const double *c_prev,
                         double *gate, double *h, double *c)
{
    for (int j = 0; j < H; j++) {
        const double i = sigmoid(gi[j] + gh[j]);
        const double f = sigmoid(gi[H + j] + gh[H + j]);
        const double g = tanh(gi[2 * H + j] + gh[2 * H + j]);
        const double o = sigmoid(gi[3 * H + j] + gh[3 * H + j]);
        c[j] = f * c_prev[j] + i * g;
        h[j] = o * tanh(c[j]);
        gate[j] = i;
        gate[H + j] = f;
        gate[2 * H + j] = g;
        gate[3 * H + j] = o;
    }
}

/* dc is the gradient of c through the steps after this one; it becomes that of c_prev. */
static void lstm_backward(int H, const double *gate, const double *c_prev, const double *c,
                          const double *dh, double *dc, double *dgi, double *dgh)
{
    for (int j = 0; j < H; j++) {
        const double i = gate[j], f = gate[H + j], g = gate[2 * H + j], o = gate[3 * H + j];
        const double d_o = dh[j] * tanh(c[j]);
        const double d_c = dc[j] + dh[j] * o * (1 - tanh(c[j]) * tanh(c[j]));
        dgi[j] = d_c * g * i * (1 - i);
        dgi[H + j] = d_c * c_prev[j] * f * (1 - f);
        dgi[2 * H + j] = d_c * i * (1 - g * g);
        dgi[3 * H + j] = d_o * o * (1 - o);
        dc[j] = d_c * f;
    }
    memcpy(dgh, dgi, 4 * H * sizeof(*dgh));
}

/* ---- a recurrent layer ---- */

/* Step t: h[t + 1], c[t + 1] from x[t], h[t], c[t]. */
static void step_forward(reference *r, struct reference_layer *l, int t)
{
    const int H = r->H, GH = r->G * H;
    const double *x = l->x + (gsize)t * l->X, *h_prev = l->h + (gsize)t * H;
    double *gate = l->gate + (gsize)t * GH, *gh = l->gh + (gsize)t * GH;
    g_autofree double *gi = g_new0(double, GH);
    add_product(weight(r, l->w_ih), GH, l->X, x, gi);
    add(weight(r, l->b_ih), GH, gi);
    add_product(weight(r, l->w_hh), GH, H, h_prev, gh);
    add(weight(r, l->b_hh), GH, gh);
    if (r->shape.cell == NN_GRU)
        gru_forward(H, gi, gh, h_prev, gate, l->h + (gsize)(t + 1) * H);
    else
        lstm_forward(H, gi, gh, l->c + (gsize)t * H, gate, l->h + (gsize)(t + 1) * H,
                     l->c + (gsize)(t + 1) * H);
}

/* From dh[t + 1] and dc to dh[t], dc and dx [X], and into the gradients of the weights. */
static void step_backward(reference *r, struct reference_layer *l, int t, double *dc, double *dx)
{
    const int H = r->H, GH = r->G * H;
    const double *x = l->x + (gsize)t * l->X, *h_prev = l->h + (gsize)t * H;
    const double *gate = l->gate + (gsize)t * GH, *gh = l->gh + (gsize)t * GH;
    double *dh = l->dh + (gsize)(t + 1) * H, *dh_prev = l->dh + (gsize)t * H;
    g_autofree double *dgi = g_new0(double, GH), *dgh = g_new0(double, GH);
    if (r->shape.cell == NN_GRU)
        gru_backward(H, gate, gh, h_prev, dh, dgi, dgh, dh_prev);
    else
        lstm_backward(H, gate, l->c + (gsize)t * H, l->c + (gsize)(t + 1) * H, dh, dc, dgi, dgh);
    product_backward(weight(r, l->w_ih), GH, l->X, x, dgi, gradient(r, l->w_ih), dx);
    product_backward(weight(r, l->w_hh), GH, H, h_prev, dgh, gradient(r, l->w_hh), dh_prev);
    add(dgi, GH, gradient(r, l->b_ih));
    add(dgh, GH, gradient(r, l->b_hh));
}

/* The first H numbers of x[t]: the embedding of the word. */
static void embed(reference *r, struct reference_layer *l, int t, gint32 word)
{
    l->word[t] = word;
    memcpy(l->x + (gsize)t * l->X, weight(r, l->embedding) + (gsize)word * r->H,
           r->H * sizeof(double));
}

static void embed_backward(reference *r, const struct reference_layer *l, int t, const double *dx)
{
    add(dx, r->H, gradient(r, l->embedding) + (gsize)l->word[t] * r->H);
}

/* ---- attention ----
 *
 * alpha_p = softmax(r_p), c_p = sum_t alpha_tp h_t, where t runs over the S words of the source.
 */

static const double *h_of(const reference *r, int t)
{
    return r->encoder.h + (gsize)(t + 1) * r->H;
}

static double *dh_of(const reference *r, int t)
{
    return r->encoder.dh + (gsize)(t + 1) * r->H;
}

/* k_t = W_h h_t, which all steps have in common */
static void keys_forward(reference *r)
{
    const int H = r->H;
    if (r->shape.attention == NN_ADDITIVE)
        for (int t = 0; t < r->pair.S; t++)
            add_product(weight(r, NN_ATTENTION_W_H), H, H, h_of(r, t), r->k + (gsize)t * H);
}

static void keys_backward(reference *r)
{
    const int H = r->H;
    if (r->shape.attention == NN_ADDITIVE)
        for (int t = 0; t < r->pair.S; t++)
            product_backward(weight(r, NN_ATTENTION_W_H), H, H, h_of(r, t), r->dk + (gsize)t * H,
                             gradient(r, NN_ATTENTION_W_H), dh_of(r, t));
}

/* additive: r_tp = v tanh(W_s s_{p-1} + W_h h_t) */
static void additive_scores(reference *r, int p, const double *s_prev, double *score)
{
    const int H = r->H;
    g_autofree double *q = g_new0(double, H);
    add_product(weight(r, NN_ATTENTION_W_S), H, H, s_prev, q);
    for (int t = 0; t < r->pair.S; t++) {
        double *u = r->u + ((gsize)p * r->pair.S + t) * H;
        for (int i = 0; i < H; i++)
            u[i] = tanh(q[i] + r->k[(gsize)t * H + i]);
        score[t] = dot(weight(r, NN_ATTENTION_V), u, H);
    }
}

static void additive_scores_backward(reference *r, int p, const double *s_prev,
                                     const double *dscore, double *ds_prev)
{
    const int H = r->H;
    const double *v = weight(r, NN_ATTENTION_V);
    double *dv = gradient(r, NN_ATTENTION_V);
    g_autofree double *dq = g_new0(double, H);
    for (int t = 0; t < r->pair.S; t++) {
        const double *u = r->u + ((gsize)p * r->pair.S + t) * H;
        for (int i = 0; i < H; i++) {
            const double e = dscore[t] * v[i] * (1 - u[i] * u[i]);
            dv[i] += dscore[t] * u[i];
            dq[i] += e;
            r->dk[(gsize)t * H + i] += e;
        }
    }
    product_backward(weight(r, NN_ATTENTION_W_S), H, H, s_prev, dq, gradient(r, NN_ATTENTION_W_S),
                     ds_prev);
}

/* location: r_p = W [y_p; s_{p-1}] + b, one score for each of P positions */
static void location_scores(reference *r, const double *y, const double *s_prev, double *score)
{
    const int H = r->H;
    g_autofree double *both = g_new0(double, 2 * H);
    memcpy(both, y, H * sizeof(double));
    memcpy(both + H, s_prev, H * sizeof(double));
    memcpy(score, weight(r, NN_ATTENTION_BIAS), NN_MAX_POSITION * sizeof(double));
    add_product(weight(r, NN_ATTENTION_WEIGHT), NN_MAX_POSITION, 2 * H, both, score);
}

static void location_scores_backward(reference *r, const double *y, const double *s_prev,
                                     const double *dscore, double *dy, double *ds_prev)
{
    const int H = r->H;
    g_autofree double *both = g_new0(double, 2 * H), *dboth = g_new0(double, 2 * H);
    memcpy(both, y, H * sizeof(double));
    memcpy(both + H, s_prev, H * sizeof(double));
    add(dscore, NN_MAX_POSITION, gradient(r, NN_ATTENTION_BIAS));
    product_backward(weight(r, NN_ATTENTION_WEIGHT), NN_MAX_POSITION, 2 * H, both, dscore,
                     gradient(r, NN_ATTENTION_WEIGHT), dboth);
    add(dboth, H, dy);
    add(dboth + H, H, ds_prev);
}

/* Scores of step p: S of additive attention, P of location attention. */
static int n_score(const reference *r)
{
    return r->shape.attention == NN_ADDITIVE ? r->pair.S : NN_MAX_POSITION;
}

/* The last H numbers of x[p]: c_p. */
static void context_forward(reference *r, int p)
{
    const int H = r->H;
    const double *s_prev = r->decoder.h + (gsize)p * H;
    double *y = r->decoder.x + (gsize)p * r->decoder.X, *context = y + H;
    double *alpha = r->alpha + (gsize)p * NN_MAX_POSITION;
    double score[NN_MAX_POSITION];
    if (!has_context(r))
        return;
    if (r->shape.attention == NN_ADDITIVE)
        additive_scores(r, p, s_prev, score);
    else
        location_scores(r, y, s_prev, score);
    softmax(score, n_score(r), alpha);
    for (int t = 0; t < r->pair.S; t++)
        for (int i = 0; i < H; i++)
            context[i] += alpha[t] * h_of(r, t)[i];
}

/* dx is the gradient of x[p] = [y_p; c_p]; y_p's part may grow, and dh[p] of the decoder does. */
static void context_backward(reference *r, int p, double *dx)
{
    const int H = r->H, n = n_score(r);
    const double *s_prev = r->decoder.h + (gsize)p * H;
    const double *y = r->decoder.x + (gsize)p * r->decoder.X, *dcontext = dx + H;
    const double *alpha = r->alpha + (gsize)p * NN_MAX_POSITION;
    double *ds_prev = r->decoder.dh + (gsize)p * H;
    double dalpha[NN_MAX_POSITION] = {0}, dscore[NN_MAX_POSITION];
    if (!has_context(r))
        return;
    for (int t = 0; t < r->pair.S; t++) {
        dalpha[t] = dot(dcontext, h_of(r, t), H);
        for (int i = 0; i < H; i++)
            dh_of(r, t)[i] += alpha[t] * dcontext[i];
    }
    /* The gradient of a softmax: d alpha_i / d r_t = alpha_i ((i = t) - alpha_t). */
    const double mean = dot(alpha, dalpha, n);
    for (int t = 0; t < n; t++)
        dscore[t] = alpha[t] * (dalpha[t] - mean);
    if (r->shape.attention == NN_ADDITIVE)
        additive_scores_backward(r, p, s_prev, dscore, ds_prev);
    else
        location_scores_backward(r, y, s_prev, dscore, dx, ds_prev);
}

/* ---- the whole ---- */

static void encode(reference *r)
{
    for (int t = 0; t < r->pair.S; t++) {
        embed(r, &r->encoder, t, r->pair.source[t]);
        step_forward(r, &r->encoder, t);
    }
}

/* s_p from x = [y_p; c_p], logits_p = W_o s_p + b_o, and nll grows by -log softmax at the target */
static void decode(reference *r)
{
    const int H = r->H, V = r->V;
    struct reference_layer *l = &r->decoder;
    memcpy(l->h, h_of(r, r->pair.S - 1), H * sizeof(double));
    memcpy(l->c, r->encoder.c + (gsize)r->pair.S * H, H * sizeof(double));
    keys_forward(r);
    gint32 word = DS_SOS;
    for (int p = 0; p < r->pair.T; p++) {
        double *logits = r->logits + (gsize)p * V;
        embed(r, l, p, word);
        context_forward(r, p);
        step_forward(r, l, p);
        add_product(weight(r, NN_OUTPUT_WEIGHT), V, H, l->h + (gsize)(p + 1) * H, logits);
        add(weight(r, NN_OUTPUT_BIAS), V, logits);
        r->nll += log_sum_exp(logits, V) - logits[r->pair.target[p]];
        r->said[p] = argmax(logits, V);
        r->T = p + 1;
        if (!r->pair.forced && r->said[p] == DS_EOS)
            break;
        word = r->pair.forced ? r->pair.target[p] : r->said[p];
    }
}

static void decode_backward(reference *r)
{
    const int H = r->H, V = r->V, S = r->pair.S;
    struct reference_layer *l = &r->decoder;
    g_autofree double *dlogits = g_new(double, V), *dc = g_new0(double, H);
    for (int p = r->T - 1; p >= 0; p--) {
        const double *s = l->h + (gsize)(p + 1) * H;
        double *ds = l->dh + (gsize)(p + 1) * H;
        softmax(r->logits + (gsize)p * V, V, dlogits);
        dlogits[r->pair.target[p]] -= 1;
        product_backward(weight(r, NN_OUTPUT_WEIGHT), V, H, s, dlogits,
                         gradient(r, NN_OUTPUT_WEIGHT), ds);
        add(dlogits, V, gradient(r, NN_OUTPUT_BIAS));

        g_autofree double *dx = g_new0(double, l->X);
        step_backward(r, l, p, dc, dx);
        context_backward(r, p, dx);
        embed_backward(r, l, p, dx);
    }
    keys_backward(r);
    /* s_{-1} and its c are the encoder's last. */
    add(l->dh, H, dh_of(r, S - 1));
    struct reference_layer *e = &r->encoder;
    for (int t = S - 1; t >= 0; t--) {
        g_autofree double *dx = g_new0(double, e->X);
        step_backward(r, e, t, dc, dx);
        embed_backward(r, e, t, dx);
    }
}

static struct reference_layer new_layer(const reference *r, int n, int X)
{
    const gsize GH = (gsize)r->G * r->H, states = (gsize)(n + 1) * r->H;
    return (struct reference_layer){.X = X,
                                    .word = g_new0(gint32, n),
                                    .x = g_new0(double, (gsize)n *X),
                                    .gate = g_new0(double, n *GH),
                                    .gh = g_new0(double, n *GH),
                                    .h = g_new0(double, states),
                                    .c = g_new0(double, states),
                                    .dh = g_new0(double, states)};
}

static void clear_layer(struct reference_layer *l)
{
    g_free(l->word);
    g_free(l->x);
    g_free(l->gate);
    g_free(l->gh);
    g_free(l->h);
    g_free(l->c);
    g_free(l->dh);
}

reference *reference_forward(const struct nn_shape *shape, const double *weights,
                             const struct reference_pair *pair)
{
    reference *r = g_new0(reference, 1);
    r->shape = *shape;
    r->H = shape->H;
    r->V = shape->V;
    r->G = shape->cell == NN_GRU ? 3 : 4;
    r->n_weight = nn_network_layout(shape, r->tensor);
    r->weights = weights;
    r->gradient = g_new0(double, r->n_weight);
    r->pair = *pair;
    r->encoder = new_layer(r, pair->S, r->H);
    r->encoder.embedding = NN_ENCODER_EMBEDDING;
    r->encoder.w_ih = NN_ENCODER_W_IH;
    r->encoder.w_hh = NN_ENCODER_W_HH;
    r->encoder.b_ih = NN_ENCODER_B_IH;
    r->encoder.b_hh = NN_ENCODER_B_HH;
    r->decoder = new_layer(r, pair->T, has_context(r) ? 2 * r->H : r->H);
    r->decoder.embedding = NN_DECODER_EMBEDDING;
    r->decoder.w_ih = NN_DECODER_W_IH;
    r->decoder.w_hh = NN_DECODER_W_HH;
    r->decoder.b_ih = NN_DECODER_B_IH;
    r->decoder.b_hh = NN_DECODER_B_HH;
    r->k = g_new0(double, (gsize)pair->S * r->H);
    r->dk = g_new0(double, (gsize)pair->S * r->H);
    r->u = g_new0(double, (gsize)pair->T * pair->S * r->H);
    r->alpha = g_new0(double, (gsize)pair->T *NN_MAX_POSITION);
    r->logits = g_new0(double, (gsize)pair->T * r->V);
    r->said = g_new0(gint32, pair->T);
    encode(r);
    decode(r);
    return r;
}

void reference_backward(reference *r)
{
    decode_backward(r);
}

void reference_free(reference *r)
{
    if (!r)
        return;
    clear_layer(&r->encoder);
    clear_layer(&r->decoder);
    g_free(r->gradient);
    g_free(r->k);
    g_free(r->dk);
    g_free(r->u);
    g_free(r->alpha);
    g_free(r->logits);
    g_free(r->said);
    g_free(r);
}

double reference_log_probability(const reference *r, int p, gint32 word)
{
    const double *logits = r->logits + (gsize)p * r->V;
    return logits[word] - log_sum_exp(logits, r->V);
}

double reference_margin(const reference *r)
{
    double margin = INFINITY;
    for (int p = 0; p < r->T; p++) {
        const double *logits = r->logits + (gsize)p * r->V;
        for (int i = 0; i < r->V; i++)
            if (i != r->said[p])
                margin = fmin(margin, logits[r->said[p]] - logits[i]);
    }
    return margin;
}
