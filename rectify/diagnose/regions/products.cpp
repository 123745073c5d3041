#include "rectify/diagnose/regions/products.h"

#include "rectify/base/instruction_set.h"

namespace rectify::diagnose {

RECTIFY_CHOOSE_BY_ISA(Products, products)

}  // namespace rectify::diagnose
