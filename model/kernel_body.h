/* The table of kernels for one instruction set; kernel_vector.h says what its file defines. */
#ifndef MODEL_KERNEL_BODY_H
#define MODEL_KERNEL_BODY_H

#include "model/kernel_cell.h"
#include "model/kernel_product.h"
#include "model/kernel_word.h"

const struct nn_kernels NN_KERNELS = {
    .isa = NN_ISA,
    .multiply = multiply,
    .multiply_transposed = multiply_transposed,
    .add_outer = add_outer,
    .add_sum = add_sum,
    .cell_forward = {[NN_GRU] = gru_forward, [NN_LSTM] = lstm_forward},
    .cell_backward = {[NN_GRU] = gru_backward, [NN_LSTM] = lstm_backward},
    .attention_forward = attention_forward,
    .attention_backward = attention_backward,
    .softmax = softmax,
    .log_sum_exp = log_sum_exp,
    .argmax = argmax,
    .rank = rank,
};

#endif
