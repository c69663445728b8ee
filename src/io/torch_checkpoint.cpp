// SPDX-License-Identifier: Apache-2.0
#include "io/torch_checkpoint.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <map>
#include <new>
#include <string>
#include <tuple>
#include <unordered_set>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <depthcloud/error.hpp>

#include "core/file_kind.hpp"
#include "core/quote.hpp"
#include "core/utf8.hpp"
#include "io/pickle.hpp"
#include "io/zip_archive.hpp"

namespace depthcloud {
namespace {

using Bytes = std::span<const std::uint8_t>;
using Kind = PickleValue::Kind;
using Json = nlohmann::json;

[[noreturn]] void fail(ErrorCode code, const std::string& message) {
  throw Error(code, Stage::load, "checkpoint: " + message);
}

[[noreturn]] void fail(const std::string& message) { fail(ErrorCode::bad_model, message); }

/// What the format before PyTorch 1.6 begins with: a pickle of this number.
constexpr std::array<std::uint8_t, 15> old_mark = {0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46,
                                                   0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e};

bool begins(Bytes bytes, Bytes mark) {
  return bytes.size() >= mark.size() && std::ranges::equal(bytes.first(mark.size()), mark);
}

bool is_zip(Bytes bytes) {
  constexpr std::array<std::uint8_t, 4> mark = {'P', 'K', 3, 4};
  return begins(bytes, mark);
}

// --- the archive

bool is_safe_name(std::string_view name) {
  constexpr std::size_t longest = 1024;
  if (name.empty() || name.size() > longest || !is_utf8(name)) return false;
  if (name.find_first_of(std::string_view("\0\\:", 3)) != std::string_view::npos) return false;
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find('/', begin), name.size());
    const std::string_view part = name.substr(begin, end - begin);
    if (part.empty() || part == "." || part == "..") return false;
    begin = end + 1;
  }
  return true;
}

/// The records of a checkpoint, which all lie in one folder.
class Records {
 public:
  explicit Records(Bytes bytes)
      : archive_(bytes, {"checkpoint", Stage::load, ErrorCode::bad_model}) {
    if (archive_.entries().empty()) fail("not a PyTorch checkpoint: the archive is empty");
    const std::string_view first = archive_.entries().front().name;
    root_ = first.substr(0, first.find('/') + 1);
    for (const ZipEntry& entry : archive_.entries()) check_name(entry.name);
    if (root_.empty()) {
      fail(ErrorCode::unsupported, "not a PyTorch checkpoint but another archive");
    }
  }

  /// nullptr where there is none.
  const ZipEntry* find(std::string_view name) const {
    return archive_.find(root_ + std::string(name));
  }

  bool is_torchscript() const {
    const std::string code = root_ + "code/";
    return find("constants.pkl") != nullptr ||
           std::ranges::any_of(archive_.entries(),
                               [&](const ZipEntry& entry) { return entry.name.starts_with(code); });
  }

  /// The bytes of a record, by its checksum those that were written.
  Bytes read(const ZipEntry& record) const {
    if (record.method != 0) {
      fail(ErrorCode::unsupported,
           fmt::format("{} is compressed, compressed entries are not supported: save the "
                       "checkpoint again with torch.save",
                       quote(record.name)));
    }
    archive_.check(record, record.packed);
    return record.packed;
  }

 private:
  void check_name(std::string_view name) const {
    if (!is_safe_name(name)) fail(fmt::format("unsafe name of an entry: {}", quote(name)));
    if (!name.starts_with(root_)) fail("the entries are not all in one folder");
  }

  ZipArchive archive_;
  std::string root_;  ///< with the slash
};

// --- the state dictionary

bool is_tensor(const Pickle& pickle, Pickle::Index index) {
  return pickle[index].kind == Kind::tensor;
}

/// The value of a key; nullptr where there is none.
const PickleValue* value_of(const Pickle& pickle, const PickleValue& dict, std::string_view key) {
  const auto& items = pickle.items_of(dict);
  for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
    if (pickle[items[i]].kind == Kind::text && pickle[items[i]].text == key) {
      return &pickle[items[i + 1]];
    }
  }
  return nullptr;
}

bool has_tensors(const Pickle& pickle, const PickleValue& dict) {
  const auto& items = pickle.items_of(dict);
  for (std::size_t i = 1; i < items.size(); i += 2) {
    if (is_tensor(pickle, items[i])) return true;
  }
  return false;
}

std::string keys_of(const Pickle& pickle, const PickleValue& dict) {
  constexpr std::size_t most = 20;
  std::vector<std::string> keys;
  const auto& items = pickle.items_of(dict);
  for (std::size_t i = 0; i < items.size() && keys.size() < most; i += 2) {
    keys.push_back(pickle[items[i]].kind == Kind::text ? quote(pickle[items[i]].text) : "?");
  }
  return keys.empty() ? "nothing" : fmt::format("{}", fmt::join(keys, ", "));
}

const PickleValue& find_state_dict(const Pickle& pickle) {
  constexpr std::array wrappers = {"model_state_dict", "state_dict", "model",  "module",
                                   "network",          "net",        "params", "weights"};
  constexpr int deepest = 16;
  const PickleValue* dict = &pickle[pickle.root];
  if (dict->kind != Kind::dict)
    fail(
        ErrorCode::unsupported,
        "its root is not a dictionary: save the state dictionary with torch.save, or a module with "
        "torch.jit.save");
  for (int depth = 0; !has_tensors(pickle, *dict); ++depth) {
    const PickleValue* next = nullptr;
    for (const char* key : wrappers) {
      const PickleValue* const value = value_of(pickle, *dict, key);
      if (value == nullptr || value->kind != Kind::dict || pickle.items_of(*value).empty())
        continue;
      next = value;
      break;
    }
    if (next == nullptr || depth == deepest) {
      fail(ErrorCode::unsupported, fmt::format("no state dictionary is found: it holds {}",
                                               keys_of(pickle, pickle[pickle.root])));
    }
    dict = next;
  }
  return *dict;
}

std::string_view without_wrappers(std::string_view name) {
  for (;;) {
    if (name.starts_with("module.")) {
      name.remove_prefix(std::string_view("module.").size());
    } else if (name.starts_with("_orig_mod.")) {
      name.remove_prefix(std::string_view("_orig_mod.").size());
    } else {
      return name;
    }
  }
}

// --- configuration

/// A dictionary, list or number of a configuration; nothing for what JSON does not have. `budget`
/// bounds the values: shared ones are written as often as they are referred to.
std::optional<Json> to_json(const Pickle& pickle, const PickleValue& value, int depth,
                            int& budget) {
  constexpr int deepest = 16;
  if (depth > deepest || --budget < 0) return std::nullopt;
  switch (value.kind) {
    case Kind::none:
      return Json(nullptr);
    case Kind::boolean:
      return Json(value.number != 0);
    case Kind::integer:
      return Json(value.number);
    case Kind::real:
      return Json(std::bit_cast<double>(value.number));
    case Kind::text:
      return Json(value.text);
    case Kind::tuple:
    case Kind::list: {
      Json array = Json::array();
      for (const Pickle::Index item : pickle.items_of(value)) {
        auto json = to_json(pickle, pickle[item], depth + 1, budget);
        if (!json) return std::nullopt;
        array.push_back(std::move(*json));
      }
      return array;
    }
    case Kind::dict: {
      Json object = Json::object();
      const auto& items = pickle.items_of(value);
      for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
        auto json = to_json(pickle, pickle[items[i + 1]], depth + 1, budget);
        if (json && pickle[items[i]].kind == Kind::text) {
          object[std::string(pickle[items[i]].text)] = std::move(*json);
        }
      }
      return object;
    }
    default:
      return std::nullopt;
  }
}

void keep_configuration(const Pickle& pickle, TensorTable& table) {
  constexpr int most_values = 10'000;
  for (const char* key : {"config", "args", "model_config"}) {
    const PickleValue* const value = value_of(pickle, pickle[pickle.root], key);
    if (value == nullptr || value->kind != Kind::dict) continue;
    int budget = most_values;
    if (const auto json = to_json(pickle, *value, 0, budget)) table.metadata[key] = json->dump();
  }
}

// --- tensors

/// Bytes of the parts that a tensor with these strides takes of its storage: from its first to
/// behind its last element. Nothing where that overflows.
std::optional<std::uint64_t> reach(const PickledTensor& tensor) {
  std::uint64_t last = static_cast<std::uint64_t>(tensor.offset);
  for (std::size_t axis = 0; axis < tensor.shape.size(); ++axis) {
    std::uint64_t distance = 0;
    if (__builtin_mul_overflow(static_cast<std::uint64_t>(tensor.shape[axis] - 1),
                               static_cast<std::uint64_t>(tensor.strides[axis]), &distance) ||
        __builtin_add_overflow(last, distance, &last)) {
      return std::nullopt;
    }
  }
  std::uint64_t bytes = 0;
  if (__builtin_add_overflow(last, 1u, &last) ||
      __builtin_mul_overflow(last, item_size(tensor.type), &bytes)) {
    return std::nullopt;
  }
  return bytes;
}

bool is_row_major(const PickledTensor& tensor) {
  std::int64_t expected = 1;
  for (std::size_t axis = tensor.shape.size(); axis-- > 0;) {
    if (tensor.shape[axis] > 1 && tensor.strides[axis] != expected) return false;
    expected *= tensor.shape[axis];
  }
  return true;
}

/// Bytes that are swapped together in another byte order.
std::size_t word_size(TensorType type) {
  const std::size_t size = item_size(type);
  return type == TensorType::c64 || type == TensorType::c128 ? size / 2 : size;
}

/// Takes the tensors of a state dictionary out of their records.
class TensorReader {
 public:
  TensorReader(const Pickle& pickle, const Records& records) : pickle_(pickle), records_(records) {
    if (const ZipEntry* const order = records.find("byteorder")) {
      const Bytes bytes = records.read(*order);
      const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      if (text != "little" && text != "big")
        fail(fmt::format("unknown byte order {}", quote(text)));
      swaps_ = text == "big";
    }
  }

  StoredTensor read(const std::string& name, const PickledTensor& tensor) {
    StoredTensor stored{tensor.type, tensor.shape, {}, {}};
    const Bytes storage = storage_of(name, tensor);
    const auto size = byte_size(tensor.type, tensor.shape);
    if (!size) refuse(name, "is too large");
    if (std::ranges::find(tensor.shape, 0) != tensor.shape.end()) return stored;
    const auto needed = reach(tensor);
    if (!needed) refuse(name, "is too large");
    if (*needed > storage.size()) refuse(name, "lies outside of its storage");
    if (*size > storage.size()) refuse(name, "has more elements than its storage");

    const Bytes begin =
        storage.subspan(static_cast<std::size_t>(tensor.offset) * item_size(tensor.type));
    const bool is_aligned =
        reinterpret_cast<std::uintptr_t>(begin.data()) % word_size(tensor.type) == 0;
    if (is_row_major(tensor) && is_aligned && !swaps_) {
      stored.bytes = begin.first(*size);
    } else {
      const auto& copy = copy_of(tensor, begin, *size);
      stored.bytes = *copy;
      stored.owner = copy;
    }
    return stored;
  }

 private:
  using Copy = std::shared_ptr<const std::vector<std::uint8_t>>;

  [[noreturn]] static void refuse(const std::string& name, const char* what) {
    fail(fmt::format("tensor {} {}", quote(name), what));
  }

  Bytes storage_of(const std::string& name, const PickledTensor& tensor) {
    const PickledStorage& storage = pickle_.storages[tensor.storage];
    const auto size = byte_size(storage.type, std::array{storage.numel});
    if (!size) refuse(name, "has a storage size out of range");
    const ZipEntry* const record = records_.find("data/" + std::string(storage.key));
    if (record == nullptr) {
      fail(fmt::format("the storage {} of tensor {} is missing", quote(storage.key), quote(name)));
    }
    if (record->size != *size) {
      fail(fmt::format("tensor {} has a storage of {} bytes in place of {}", quote(name),
                       record->size, *size));
    }
    if (!checked_.insert(record).second) return record->packed;
    room_ += record->size;
    return records_.read(*record);
  }

  /// Row-major and little-endian. Tensors that are one have one copy.
  const Copy& copy_of(const PickledTensor& tensor, Bytes begin, std::uint64_t size) {
    Copy& copy = copies_[{begin.data(), tensor.type, tensor.shape, tensor.strides}];
    if (copy) return copy;
    if (size > room_) {
      fail(ErrorCode::limit_exceeded, "more bytes of tensors than the records have");
    }
    room_ -= size;
    auto bytes = std::make_shared<std::vector<std::uint8_t>>(size);
    gather(tensor, begin.data(), bytes->data());
    if (swaps_) swap(*bytes, word_size(tensor.type));
    return copy = std::move(bytes);
  }

  static void gather(const PickledTensor& tensor, const std::uint8_t* from, std::uint8_t* to) {
    const std::size_t item = item_size(tensor.type);
    std::vector<std::int64_t> at(tensor.shape.size(), 0);
    std::int64_t element = 0;
    for (;;) {
      std::memcpy(to, from + static_cast<std::size_t>(element) * item, item);
      to += item;
      std::size_t axis = tensor.shape.size();
      for (;;) {
        if (axis == 0) return;
        --axis;
        if (at[axis] + 1 < tensor.shape[axis]) break;
        element -= tensor.strides[axis] * at[axis];
        at[axis] = 0;
      }
      ++at[axis];
      element += tensor.strides[axis];
    }
  }

  static void swap(std::vector<std::uint8_t>& bytes, std::size_t word) {
    for (auto begin = bytes.begin(); begin != bytes.end();
         begin += static_cast<std::ptrdiff_t>(word)) {
      std::reverse(begin, begin + static_cast<std::ptrdiff_t>(word));
    }
  }

  const Pickle& pickle_;
  const Records& records_;
  bool swaps_ = false;
  std::uint64_t room_ = 0;  ///< that copies may still take
  std::unordered_set<const ZipEntry*> checked_;
  std::map<std::tuple<const std::uint8_t*, TensorType, std::vector<std::int64_t>,
                      std::vector<std::int64_t>>,
           Copy>
      copies_;
};

void read_tensors(const Pickle& pickle, const Records& records, TensorTable& table) {
  TensorReader reader(pickle, records);
  const auto& items = pickle.items_of(find_state_dict(pickle));
  for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
    if (!is_tensor(pickle, items[i + 1])) continue;
    const PickleValue& key = pickle[items[i]];
    if (key.kind != Kind::text) fail("a tensor whose name is no text");
    const std::string name(without_wrappers(key.text));
    const auto tensor = static_cast<std::size_t>(pickle[items[i + 1]].number);
    if (!table.tensors.emplace(name, reader.read(name, pickle.tensors[tensor])).second) {
      fail(fmt::format("two tensors are called {}", quote(name)));
    }
  }
}

void refuse_other_kind(Bytes bytes) {
  if (is_zip(bytes)) return;
  if (begins(bytes, old_mark)) {
    fail(ErrorCode::unsupported,
         "saved in the legacy format, before PyTorch 1.6: load it there and save it again");
  }
  fail(bytes.empty() ? ErrorCode::bad_model : ErrorCode::unsupported,
       "not a PyTorch checkpoint but " + describe_no_weights(bytes));
}

}  // namespace

bool is_torch_checkpoint(Bytes bytes) noexcept { return is_zip(bytes) || begins(bytes, old_mark); }

bool is_torchscript(Bytes bytes) {
  if (!is_zip(bytes)) return false;
  try {
    return Records(bytes).is_torchscript();
  } catch (const Error&) {
    return false;
  }
}

TensorTable read_torch_checkpoint(Bytes bytes) try {
  refuse_other_kind(bytes);
  const Records records(bytes);
  if (records.is_torchscript()) {
    fail(ErrorCode::unsupported, "a TorchScript module in place of a checkpoint");
  }
  const ZipEntry* const data = records.find("data.pkl");
  if (data == nullptr) fail(ErrorCode::unsupported, "not a PyTorch checkpoint: no data.pkl");
  const Pickle pickle = read_pickle(records.read(*data));
  TensorTable table;
  read_tensors(pickle, records, table);
  keep_configuration(pickle, table);
  return table;
} catch (const std::bad_alloc&) {
  throw Error(ErrorCode::out_of_memory, Stage::load, "no memory for a checkpoint");
}

}  // namespace depthcloud
