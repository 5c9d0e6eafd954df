// The file of an Estimator: see estimator.h. Every count is checked against the bytes that are left before anything is
// made of it, and what was read is checked whole before it is used.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "core/crc32.h"
#include "core/json.h"
#include "routing/estimator.h"

namespace weir::routing {
namespace {

constexpr std::string_view magic = "weirestm";
constexpr uint32_t version = 1;
constexpr std::size_t most_outputs = 256;

class Out {
 public:
  void number(uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) out_ += static_cast<char>(value >> (8 * i) & 0xff);
  }
  void real(float value) { number(std::bit_cast<uint32_t>(value), 4); }
  void reals(const std::vector<float>& values) {
    number(values.size(), 4);
    for (const float value : values) real(value);
  }
  void text(std::string_view text) {
    number(text.size(), 4);
    out_ += text;
  }
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

// Reads on until something is missing; from then on all is 0 and good() is false.
class In {
 public:
  explicit In(std::string_view bytes) : left_(bytes) {}
  uint64_t number(std::size_t bytes) {
    const auto part = take(bytes);
    uint64_t value = 0;
    for (std::size_t i = 0; i < part.size(); ++i) value |= uint64_t{static_cast<unsigned char>(part[i])} << (8 * i);
    return value;
  }
  float real() { return std::bit_cast<float>(static_cast<uint32_t>(number(4))); }
  // How many things of `bytes` each follow.
  std::size_t count(std::size_t bytes) {
    const auto count = number(4);
    if (count > left_.size() / bytes) good_ = false;
    return good_ ? static_cast<std::size_t>(count) : 0;
  }
  std::vector<float> reals() {
    std::vector<float> out(count(4));
    for (float& value : out) value = real();
    return out;
  }
  std::string_view take(std::size_t bytes) {
    if (bytes > left_.size()) good_ = false;
    if (!good_) return {};
    const auto part = left_.substr(0, bytes);
    left_.remove_prefix(bytes);
    return part;
  }
  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] bool at_end() const { return left_.empty(); }

 private:
  std::string_view left_;
  bool good_ = true;
};

// Weights in 8 bits, each output by a scale of its own.
void write_words(const WordModel& model, Out& out) {
  const auto outputs = model.outputs();
  const auto count = model.hashes().size();
  out.number(outputs, 4);
  out.number(count, 4);
  std::vector<float> scale(outputs);
  for (std::size_t i = 0; i < count * outputs; ++i) {
    scale[i % outputs] = std::max(scale[i % outputs], std::abs(model.weights()[i]) / 127);
  }
  for (const float one : scale) out.real(one);
  for (std::size_t i = 0; i < count; ++i) {
    out.number(model.hashes()[i], 4);
    out.real(model.idf()[i]);
    for (std::size_t k = 0; k < outputs; ++k) {
      const float by = scale[k] > 0 ? model.weights()[i * outputs + k] / scale[k] : 0;
      out.number(static_cast<uint8_t>(static_cast<int8_t>(std::lround(by))), 1);
    }
  }
}

WordModel read_words(In& in) {
  const auto outputs = std::min<std::size_t>(in.number(4), most_outputs + 1);
  const auto count = in.count(8 + outputs);
  if (outputs > most_outputs || !in.good()) return {};
  std::vector<float> scale(outputs);
  for (float& one : scale) one = in.real();
  std::vector<uint32_t> hashes;
  std::vector<float> idf;
  std::vector<float> weights;
  weights.reserve(count * outputs);
  for (std::size_t i = 0; i < count && in.good(); ++i) {
    hashes.push_back(static_cast<uint32_t>(in.number(4)));
    idf.push_back(in.real());
    for (const char weight : in.take(outputs)) {
      weights.push_back(static_cast<float>(static_cast<signed char>(weight)) * scale[weights.size() % outputs]);
    }
  }
  return in.good() ? WordModel(outputs, std::move(hashes), std::move(idf), std::move(weights)) : WordModel();
}

void write_gain(const GainParts& parts, Out& out) {
  write_words(parts.words, out);
  for (const auto* values : {&parts.subject_gain, &parts.linear.mean, &parts.linear.scale, &parts.linear.weight}) {
    out.reals(*values);
  }
  out.real(parts.trees_share);
  out.number(parts.trees.nodes().size(), 4);
  for (const TreeNode& node : parts.trees.nodes()) {
    out.number(static_cast<uint32_t>(node.column), 4);
    out.real(node.below);
    out.real(node.value);
    out.number(static_cast<uint32_t>(node.next), 4);
  }
  out.number(parts.trees.roots().size(), 4);
  for (const auto root : parts.trees.roots()) out.number(root, 4);
  out.reals(parts.knots);
  out.reals(parts.failures);
}

GainParts read_gain(In& in) {
  GainParts parts{.words = read_words(in)};
  for (auto* values : {&parts.subject_gain, &parts.linear.mean, &parts.linear.scale, &parts.linear.weight}) {
    *values = in.reals();
  }
  parts.trees_share = in.real();
  std::vector<TreeNode> nodes(in.count(16));
  for (TreeNode& node : nodes) {
    node.column = static_cast<int32_t>(in.number(4));
    node.below = in.real();
    node.value = in.real();
    node.next = static_cast<int32_t>(in.number(4));
  }
  std::vector<uint32_t> roots(in.count(4));
  for (uint32_t& root : roots) root = static_cast<uint32_t>(in.number(4));
  parts.trees = BoostedTrees(std::move(nodes), std::move(roots));
  parts.knots = in.reals();
  parts.failures = in.reals();
  return parts;
}

std::string notes_json(const EstimatorNotes& notes) {
  std::string text;
  json::Writer out(text);
  out.begin_object();
  out.key("made").value(notes.made);
  out.key("rows").value(static_cast<int64_t>(notes.rows));
  out.key("apgr").value(notes.apgr);
  out.end_object();
  return text;
}

EstimatorNotes read_notes(std::string_view text) {
  EstimatorNotes notes;
  json::Document document;
  if (!document.parse_copy(text)) return notes;
  std::string_view made;
  int64_t rows = 0;
  double apgr = 0;
  if (document.root()["made"].get(made) == simdjson::SUCCESS) notes.made = made;
  if (document.root()["rows"].get(rows) == simdjson::SUCCESS && rows > 0) notes.rows = static_cast<std::size_t>(rows);
  if (document.root()["apgr"].get(apgr) == simdjson::SUCCESS) notes.apgr = apgr;
  return notes;
}

tl::unexpected<Error> bad(std::string why) { return failure(ErrorCode::invalid_request, std::move(why)); }

}  // namespace

std::string write_estimator(const Estimator& estimator) {
  Out body;
  body.text(notes_json(estimator.notes));
  write_words(estimator.tasks.words(), body);
  write_gain(estimator.gain.parts(), body);
  const std::string bytes = body.take();
  Out head;
  head.number(version, 4);
  head.number(bytes.size(), 8);
  head.number(crc32(bytes), 4);
  return std::string(magic) + head.take() + bytes;
}

Result<Estimator> read_estimator(std::string_view bytes) {
  In head(bytes);
  if (head.take(magic.size()) != magic) return bad("it does not begin as one");
  const auto written = head.number(4);
  if (head.good() && written != version) {
    return bad(fmt::format("it is of version {}, and this weir reads version {}", written, version));
  }
  const auto length = head.number(8);
  const auto sum = head.number(4);
  constexpr std::size_t head_bytes = 24;
  if (!head.good() || bytes.size() - head_bytes != length) return bad("it is cut off, or longer than it says");
  const auto body = bytes.substr(head_bytes);
  if (crc32(body) != sum) return bad("its checksum is wrong");
  In in(body);
  Estimator out{.notes = read_notes(in.take(in.count(1)))};
  out.tasks = TaskModel(read_words(in));
  out.gain = GainModel(read_gain(in));
  if (!in.good() || !in.at_end()) return bad("its parts do not fit its length");
  if (!out.tasks.well_formed() || !out.gain.well_formed()) return bad("its parts do not fit one another");
  return out;
}

}  // namespace weir::routing
