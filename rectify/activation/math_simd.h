#pragma once

// The functions of math.h for vectors of floats. Rows find them by argument-dependent lookup.
//
// The polynomials minimise the largest relative error. They were fitted by Lawson's iteratively
// reweighted least squares at 400 to 600 Chebyshev points, in double precision, against 40-digit
// values, and then rounded to float. In mills(), one coefficient was rounded at a time and the
// others were fitted again. Error bounds are in units in the last place (ulp) of the exact result;
// they hold for all floats, denormal results included.

#include "rectify/activation/elementary_simd.h"
#include "rectify/activation/logistic_simd.h"
#include "rectify/activation/normal_simd.h"
