/*
 * The number type of the network's arithmetic. It is float; the gradient check compiles the same
 * files once more with NN_DOUBLE, because central differences need more digits than float has.
 */
#ifndef MODEL_REAL_H
#define MODEL_REAL_H

#ifdef NN_DOUBLE
typedef double nn_real;
#else
typedef float nn_real;
#endif

#endif
