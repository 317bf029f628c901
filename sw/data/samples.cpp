// SPDX-License-Identifier: Apache-2.0
// Copyright the Systole authors
#include "sw/data/samples.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <random>

#include "sw/data/layout.h"
#include "sw/data/npy.h"
#include "sw/quant/requant_params.h"

namespace systole::data {
namespace {

using graph::Graph;
using graph::Tensor;

[[noreturn]] void fail(const std::string& path, const std::string& what) {
  throw DataError(path + ": " + what);
}

// {samples, rest of the input's shape} or, for one sample, the shape without a batch dimension.
void check_shape(const Array& array, const Tensor& input, const std::string& path) {
  const std::vector<int64_t> expected = source_shape(input);
  const std::vector<int64_t> one(expected.begin() + 1, expected.end());
  const std::vector<int64_t>& shape = array.shape;
  const bool is_one = shape == one;
  const bool are_many = shape.size() == expected.size() && shape[0] > 0 &&
                        std::equal(one.begin(), one.end(), shape.begin() + 1);
  if (!is_one && !are_many) {
    fail(path, "has shape " + shape_text(shape) + "; the model's input '" + input.name +
                   "' needs (samples, ...) of " + shape_text(expected));
  }
}

// All codes of a file, in the source's order.
std::vector<uint8_t> codes_of(const Array& array, const Graph& graph, const Tensor& input,
                              const std::string& path) {
  const ElementType code_type =
      input.dtype == graph::DType::kUint8 ? ElementType::kUint8 : ElementType::kInt8;
  if (array.type == code_type) return array.bytes;
  std::vector<float> real;
  if (array.type == ElementType::kFloat32) {
    real = values_of<float>(array);
  } else if (array.type == ElementType::kFloat64) {
    const std::vector<double> wide = values_of<double>(array);
    std::transform(wide.begin(), wide.end(), std::back_inserter(real),
                   [](double value) { return static_cast<float>(value); });
  } else {
    fail(path, std::string("holds ") + to_string(array.type) + "; expected " +
                   to_string(input.dtype) + " codes or float values");
  }
  return quant::quantize(real, input.quant, input.dtype, graph.backend);
}

// ---- From files to the codes of one input

struct PortSamples {
  std::vector<std::vector<uint8_t>> codes;  // per sample, in the graph's order
  std::vector<std::string> names;
};

std::vector<uint8_t> codes_of_file(const Graph& graph, const Tensor& input,
                                   const std::string& path) {
  if (std::filesystem::path(path).extension() == ".npy") {
    const Array array = read_npy(path);
    check_shape(array, input, path);
    return codes_of(array, graph, input, path);
  }
  std::vector<uint8_t> codes = read_bytes(path);
  const size_t sample_bytes = size_t(input.elements());
  if (codes.empty() || codes.size() % sample_bytes != 0) {
    fail(path, "has " + std::to_string(codes.size()) + " bytes, not a multiple of a sample's " +
                   std::to_string(sample_bytes));
  }
  return codes;
}

// Reads files for one input; the first picture makes the ImageInput.
class PortReader {
 public:
  PortReader(const Graph& graph, const graph::Port& port, const ImageOptions& options)
      : graph_(graph), port_(port), options_(options) {}

  void read(const std::string& path) {
    if (std::filesystem::is_directory(path)) {
      read_folder(path);
    } else if (is_image_file(path)) {
      read_picture(path);
    } else {
      read_samples(path);
    }
  }

  const PortSamples& samples() const { return samples_; }
  // Empty if there were no pictures.
  std::string note() const {
    return pictures_ ? "Input '" + port_.name + "': " + pictures_->summary() + "." : "";
  }

 private:
  const Tensor& tensor() const { return graph_.tensors[size_t(port_.tensor)]; }

  void read_folder(const std::string& path) {
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(path)) {
      const std::string file = entry.path().string();
      const std::string extension = entry.path().extension().string();
      const bool is_data = extension == ".npy" || extension == ".bin" || extension == ".raw";
      if (entry.is_regular_file() && (is_data || is_image_file(file))) files.push_back(file);
    }
    if (files.empty()) fail(path, "holds no picture, .npy, .bin or .raw file");
    std::sort(files.begin(), files.end());
    for (const std::string& file : files) read(file);
  }

  void read_picture(const std::string& path) {
    const Image image = read_image(path);
    if (!pictures_) pictures_.emplace(graph_, port_, options_);
    samples_.codes.push_back(pictures_->codes_of(image, path));
    samples_.names.push_back(std::filesystem::path(path).filename().string());
  }

  void read_samples(const std::string& path) {
    const std::vector<uint8_t> codes = codes_of_file(graph_, tensor(), path);
    const int64_t bytes = tensor().elements();
    const std::string name = std::filesystem::path(path).filename().string();
    const bool is_one = int64_t(codes.size()) == bytes;
    for (auto at = codes.begin(); at != codes.end(); at += bytes) {
      samples_.codes.push_back(from_source_order(tensor(), {at, at + bytes}));
      const int64_t index = (at - codes.begin()) / bytes;
      samples_.names.push_back(is_one ? name : name + "[" + std::to_string(index) + "]");
    }
  }

  const Graph& graph_;
  const graph::Port& port_;
  const ImageOptions& options_;
  std::optional<ImageInput> pictures_;
  PortSamples samples_;
};

// ---- Which file is for which input

// The paths of each input.
using Assignment = std::vector<std::vector<std::string>>;

// Input `name` of the graph, or -1.
int find_port(const Graph& graph, const std::string& name) {
  for (size_t i = 0; i < graph.inputs.size(); ++i) {
    if (graph.inputs[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

std::string port_names(const Graph& graph) {
  std::string text;
  for (const graph::Port& port : graph.inputs)
    text += (text.empty() ? "'" : ", '") + port.name + "'";
  return text;
}

// "NAME=PATH" for an input of the graph; `port` is -1 where there is no such name.
struct NamedPath {
  int port = -1;
  std::string path;
};

NamedPath parse_input(const Graph& graph, const std::string& input) {
  const size_t equals = input.find('=');
  const int port = equals == std::string::npos ? -1 : find_port(graph, input.substr(0, equals));
  return {port, port < 0 ? input : input.substr(equals + 1)};
}

// One file for each of several inputs: first those with a name, then the others in order.
void assign_each(const Graph& graph, const std::vector<NamedPath>& inputs, Assignment* files) {
  const std::string known =
      "the model has " + std::to_string(files->size()) + " inputs: " + port_names(graph);
  for (const NamedPath& input : inputs) {
    if (input.port >= 0) (*files)[size_t(input.port)].push_back(input.path);
  }
  size_t next = 0;
  for (const NamedPath& input : inputs) {
    if (input.port >= 0) continue;
    while (next < files->size() && !(*files)[next].empty()) ++next;
    if (next == files->size()) fail(input.path, "is one too many; " + known);
    (*files)[next].push_back(input.path);
  }
  for (size_t i = 0; i < files->size(); ++i) {
    const std::string name = "input '" + graph.inputs[i].name + "'";
    if ((*files)[i].empty()) fail(name, "no file is given for it; " + known);
    if ((*files)[i].size() > 1) fail(name, "is given more than once");
  }
}

Assignment assign(const Graph& graph, const std::vector<std::string>& texts) {
  Assignment files(graph.inputs.size());
  std::vector<NamedPath> inputs;
  for (const std::string& text : texts) inputs.push_back(parse_input(graph, text));
  if (files.size() == 1) {
    for (const NamedPath& input : inputs) files[0].push_back(input.path);
  } else {
    assign_each(graph, inputs, &files);
  }
  return files;
}

}  // namespace

std::string beside(const std::string& model_path, const std::string& suffix) {
  return std::filesystem::path(model_path).replace_extension().string() + suffix;
}

SampleSet read_inputs(const Graph& graph, const std::vector<std::string>& inputs,
                      const ImageOptions& options) {
  const Assignment files = assign(graph, inputs);
  SampleSet set;
  for (size_t i = 0; i < files.size(); ++i) {
    PortReader reader(graph, graph.inputs[i], options);
    for (const std::string& path : files[i]) reader.read(path);
    const PortSamples& port = reader.samples();
    if (i == 0) {
      set.samples.resize(port.codes.size());
      set.names = port.names;
    } else if (port.codes.size() != set.samples.size()) {
      fail("input '" + graph.inputs[i].name + "'",
           "has " + std::to_string(port.codes.size()) + " samples, input '" + graph.inputs[0].name +
               "' has " + std::to_string(set.samples.size()));
    }
    for (size_t k = 0; k < port.codes.size(); ++k) set.samples[k].push_back(port.codes[k]);
    if (const std::string note = reader.note(); !note.empty()) set.notes.push_back(note);
  }
  return set;
}

std::vector<Sample> read_samples(const Graph& graph, const std::string& path) {
  if (graph.inputs.size() != 1) {
    fail(path, "the model has " + std::to_string(graph.inputs.size()) +
                   " inputs; a file can only feed one");
  }
  return read_inputs(graph, {path}, {}).samples;
}

std::vector<Sample> random_samples(const Graph& graph, int count, uint64_t seed) {
  // The engine's output is fixed by the standard, that of the distributions is not.
  std::mt19937_64 engine(seed);
  std::vector<Sample> samples(count);
  for (Sample& sample : samples) {
    for (const graph::Port& port : graph.inputs) {
      std::vector<uint8_t> bytes(graph.tensors[port.tensor].elements());
      for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(engine() >> 56);
      sample.push_back(std::move(bytes));
    }
  }
  return samples;
}

std::vector<int64_t> read_labels(const std::string& path) {
  const Array array = read_npy(path);
  if (array.shape.size() != 1 || array.type == ElementType::kFloat32 ||
      array.type == ElementType::kFloat64) {
    fail(path, "labels must be one list of integers");
  }
  return integers_of(array);
}

std::vector<std::string> read_class_names(const std::string& path) {
  const std::vector<uint8_t> bytes = read_bytes(path);
  std::vector<std::string> names;
  std::string line;
  for (const uint8_t byte : bytes) {
    if (byte == 0) fail(path, "is no text; labels are one name per line");
    if (byte == '\n') {
      names.push_back(line);
      line.clear();
    } else if (byte != '\r') {
      line.push_back(static_cast<char>(byte));
    }
  }
  if (!line.empty()) names.push_back(line);
  while (!names.empty() && names.back().empty()) names.pop_back();
  if (names.empty()) fail(path, "holds no labels; it needs one name per line");
  return names;
}

}  // namespace systole::data
