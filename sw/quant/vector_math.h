// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
//
// exp and tanh as PyTorch's AVX2 loops compute them, to the last bit; private to sw/quant. Their
// errors are below one ulp, but at a tie one ulp decides about a code. Section 5.6.
#pragma once

namespace systole::quant {

// A polynomial of degree six on the remainder modulo ln 2.
float vector_exp(float x);

// (e - 1/e) / (e + 1/e) with e = exp(|x|) as a sum of two floats.
float vector_tanh(float x);

}  // namespace systole::quant
