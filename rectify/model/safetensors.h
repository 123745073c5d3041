#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "rectify/base/shape.h"

namespace rectify::model {

/// One float32 tensor of a safetensors file.
struct Tensor {
  Shape shape;
  std::vector<float> values;
};

/// A safetensors file: named tensors, and metadata as a map of texts. The format is: the length of
/// the header as a 64-bit number, the header in JSON (names, types, shapes, offsets), the bytes of
/// the tensors. See https://huggingface.co/docs/safetensors
struct TensorFile {
  std::map<std::string, Tensor> tensors;
  std::map<std::string, std::string> metadata;
};

/// encode() returns the bytes of the file, save() writes them. Keys are sorted and no time or path
/// is stored, so equal contents give equal bytes. An existing file is replaced as a whole. Throw
/// Error for a tensor whose numbers do not fit its shape; then nothing is written.
std::string encode(const TensorFile& file);
void save(const std::filesystem::path& path, const TensorFile& file);

/// Read a file that save() or another program wrote. Throw Error with the name of the file and what
/// is wrong with it: truncated, offsets that overlap or leave the file, another type than F32, and
/// so on.
TensorFile load(const std::filesystem::path& path);
TensorFile decode(std::string_view bytes, const std::string& name);

}  // namespace rectify::model
