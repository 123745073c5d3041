#pragma once

// The functions of math.h for vectors of floats. Rows find them through their argument's namespace.
//
// Polynomials were fitted for the least largest relative error (Lawson's iteratively reweighted
// least squares at 400 to 600 Chebyshev points, in double precision, against 40-digit values) and
// rounded to float, the one in mills() coefficient by coefficient with the rest fitted again.
// Bounds are in units in the last place (ulp) of the exact result, over all floats, denormal
// results included.

#include "rectify/activation/elementary_simd.h"
#include "rectify/activation/logistic_simd.h"
#include "rectify/activation/normal_simd.h"
