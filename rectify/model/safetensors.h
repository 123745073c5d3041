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

/// A safetensors file: named tensors and a map of texts. The format is a JSON header (names, types,
/// shapes, offsets) behind its 64-bit length, then the bytes;
/// https://huggingface.co/docs/safetensors
struct TensorFile {
  std::map<std::string, Tensor> tensors;
  std::map<std::string, std::string> metadata;
};

/// The file's bytes: keys sorted, nothing of time or place in them, so that equal contents are
/// equal files. write_file replaces the file as a whole.
std::string encode(const TensorFile& file);
void save(const std::filesystem::path& path, const TensorFile& file);

/// Reads what save wrote, or another program. Throws Error naming the file and what is wrong with
/// it: truncated, offsets that overlap or leave the file, another type than F32, and so on.
TensorFile load(const std::filesystem::path& path);
TensorFile decode(std::string_view bytes, const std::string& name);

}  // namespace rectify::model
