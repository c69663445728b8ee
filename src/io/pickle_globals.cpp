// SPDX-License-Identifier: Apache-2.0
#include "io/pickle_globals.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <depthcloud/error.hpp>

#include "core/quote.hpp"

namespace depthcloud {
namespace {

using Kind = PickleValue::Kind;
using Arguments = std::span<const Pickle::Index>;

constexpr std::size_t most_axes = 16;
constexpr std::size_t most_tensors = 200'000;

[[noreturn]] void fail(const std::string& message) {
  throw Error(ErrorCode::bad_model, Stage::load, "pickle: " + message);
}

/// What a global is.
enum class Role {
  dict,          ///< makes an empty dictionary
  counter,       ///< makes the dictionary that it is given
  tensor,        ///< makes a tensor of a storage
  typed_tensor,  ///< makes a tensor of a storage without a type
  parameter,     ///< makes the tensor that it is given
  storage,       ///< a type of elements, which is never called
  type,          ///< likewise
  size,          ///< makes the tuple that it is given
  device,
  bytes,  ///< makes bytes of text
  numpy_type,
  numpy_scalar,
  set,
  complex,
};

struct Global {
  std::string_view name;
  Role role;
  TensorType type = TensorType::u8;
};

constexpr Global globals[] = {
    {"collections.OrderedDict", Role::dict},
    {"collections.Counter", Role::counter},
    {"torch._utils._rebuild_tensor", Role::tensor},
    {"torch._utils._rebuild_tensor_v2", Role::tensor},
    {"torch._utils._rebuild_tensor_v3", Role::typed_tensor},
    {"torch._utils._rebuild_parameter", Role::parameter},
    {"torch.DoubleStorage", Role::storage, TensorType::f64},
    {"torch.FloatStorage", Role::storage, TensorType::f32},
    {"torch.HalfStorage", Role::storage, TensorType::f16},
    {"torch.BFloat16Storage", Role::storage, TensorType::bf16},
    {"torch.LongStorage", Role::storage, TensorType::i64},
    {"torch.IntStorage", Role::storage, TensorType::i32},
    {"torch.ShortStorage", Role::storage, TensorType::i16},
    {"torch.CharStorage", Role::storage, TensorType::i8},
    {"torch.ByteStorage", Role::storage, TensorType::u8},
    {"torch.BoolStorage", Role::storage, TensorType::boolean},
    {"torch.ComplexFloatStorage", Role::storage, TensorType::c64},
    {"torch.ComplexDoubleStorage", Role::storage, TensorType::c128},
    {"torch.storage.UntypedStorage", Role::storage, TensorType::u8},
    {"torch.storage._UntypedStorage", Role::storage, TensorType::u8},
    {"torch.UntypedStorage", Role::storage, TensorType::u8},
    {"torch.float64", Role::type, TensorType::f64},
    {"torch.double", Role::type, TensorType::f64},
    {"torch.float32", Role::type, TensorType::f32},
    {"torch.float", Role::type, TensorType::f32},
    {"torch.float16", Role::type, TensorType::f16},
    {"torch.half", Role::type, TensorType::f16},
    {"torch.bfloat16", Role::type, TensorType::bf16},
    {"torch.int64", Role::type, TensorType::i64},
    {"torch.long", Role::type, TensorType::i64},
    {"torch.int32", Role::type, TensorType::i32},
    {"torch.int", Role::type, TensorType::i32},
    {"torch.int16", Role::type, TensorType::i16},
    {"torch.short", Role::type, TensorType::i16},
    {"torch.int8", Role::type, TensorType::i8},
    {"torch.uint64", Role::type, TensorType::u64},
    {"torch.uint32", Role::type, TensorType::u32},
    {"torch.uint16", Role::type, TensorType::u16},
    {"torch.uint8", Role::type, TensorType::u8},
    {"torch.bool", Role::type, TensorType::boolean},
    {"torch.complex64", Role::type, TensorType::c64},
    {"torch.complex128", Role::type, TensorType::c128},
    {"torch.Size", Role::size},
    {"torch.device", Role::device},
    {"_codecs.encode", Role::bytes},
    {"numpy.dtype", Role::numpy_type},
    {"numpy.core.multiarray.scalar", Role::numpy_scalar},
    {"numpy._core.multiarray.scalar", Role::numpy_scalar},
    {"builtins.set", Role::set},
    {"__builtin__.set", Role::set},
    {"builtins.complex", Role::complex},
};

/// What to do about globals that others are often stopped by.
struct Advice {
  std::string_view prefix;
  const char* text;
};

constexpr Advice advices[] = {
    {"torch._utils._rebuild_qtensor", "quantized tensors are not read"},
    {"torch._utils._rebuild_sparse", "sparse tensors are not read"},
    {"torch._tensor._rebuild_from_type",
     "it is a tensor of a class of its own: save plain tensors"},
    {"torch.nn.", "a whole model was saved: save model.state_dict() in its place"},
    {"argparse.", "save the state dictionary alone"},
    {"omegaconf.", "save the state dictionary alone"},
    {"pathlib.", "save the state dictionary alone"},
    {"numpy.", "save the state dictionary alone"},
};

const PickleValue* argument(const Pickle& pickle, Arguments arguments, std::size_t i, Kind kind) {
  if (i >= arguments.size() || pickle[arguments[i]].kind != kind) return nullptr;
  return &pickle[arguments[i]];
}

/// The numbers of a tuple, none of them negative.
std::vector<std::int64_t> numbers_of(const Pickle& pickle, const PickleValue& tuple,
                                     const char* what) {
  std::vector<std::int64_t> numbers;
  for (const Pickle::Index index : pickle.items_of(tuple)) {
    const PickleValue& value = pickle[index];
    if (value.kind != Kind::integer || value.number < 0) {
      fail(fmt::format("a tensor has a {} that is no number from 0 on", what));
    }
    numbers.push_back(value.number);
  }
  return numbers;
}

/// A type of elements where one is given as a global.
std::optional<TensorType> type_of(const PickleValue* value, Role role) {
  if (value == nullptr) return std::nullopt;
  const Global& global = globals[value->number];
  return global.role == role ? std::optional(global.type) : std::nullopt;
}

/// (storage, offset, size, strides[, requires_grad, hooks, ...]), and in the seventh place the type
/// of a tensor whose storage has none.
PickleValue tensor(Pickle& pickle, Arguments arguments, bool is_typed) {
  const PickleValue* const storage = argument(pickle, arguments, 0, Kind::storage);
  const PickleValue* const offset = argument(pickle, arguments, 1, Kind::integer);
  const PickleValue* const size = argument(pickle, arguments, 2, Kind::tuple);
  const PickleValue* const strides = argument(pickle, arguments, 3, Kind::tuple);
  if (storage == nullptr || offset == nullptr || size == nullptr || strides == nullptr) {
    fail("a tensor is not made of a storage, an offset, a size and strides");
  }
  PickledTensor made;
  made.storage = static_cast<std::size_t>(storage->number);
  made.type = pickle.storages[made.storage].type;
  if (is_typed) {
    const auto type = type_of(argument(pickle, arguments, 6, Kind::global), Role::type);
    if (!type) fail("a tensor has no type");
    made.type = *type;
  }
  made.offset = offset->number;
  if (made.offset < 0) fail("a tensor has a negative offset");
  made.shape = numbers_of(pickle, *size, "size");
  made.strides = numbers_of(pickle, *strides, "stride");
  if (made.shape.size() != made.strides.size()) {
    fail(fmt::format("a tensor of {} axes has {} strides", made.shape.size(), made.strides.size()));
  }
  if (made.shape.size() > most_axes) {
    fail(fmt::format("a tensor has {} axes, at most {} are read", made.shape.size(), most_axes));
  }
  if (pickle.tensors.size() == most_tensors) {
    throw Error(ErrorCode::limit_exceeded, Stage::load,
                fmt::format("pickle: more than {} tensors", most_tensors));
  }
  pickle.tensors.push_back(std::move(made));
  return {.kind = Kind::tensor, .number = static_cast<std::int64_t>(pickle.tensors.size()) - 1};
}

/// How many characters UTF-8 text has, all of them below 256; nothing for other text.
std::optional<std::int64_t> latin1_size(std::string_view text) {
  std::int64_t size = 0;
  for (std::size_t i = 0; i < text.size(); ++i, ++size) {
    const auto byte = static_cast<std::uint8_t>(text[i]);
    if (byte < 0x80) continue;
    if ((byte != 0xC2 && byte != 0xC3) || ++i == text.size()) return std::nullopt;
  }
  return size;
}

/// The bytes of a number of this type of NumPy's.
std::optional<std::int64_t> numpy_size(std::string_view type) {
  constexpr std::array types = {"f8", "f4", "f2", "i8", "i4", "i2",
                                "i1", "u8", "u4", "u2", "u1", "b1"};
  if (type.starts_with('<') || type.starts_with('|')) type.remove_prefix(1);
  if (std::ranges::find(types, type) == types.end()) return std::nullopt;
  return type[1] - '0';
}

PickleValue opaque(std::string_view text) { return {.kind = Kind::opaque, .text = text}; }

/// nullopt for arguments that the global does not take.
std::optional<PickleValue> call(Pickle& pickle, const Global& global, Arguments arguments) {
  const auto given = [&](std::size_t i, Kind kind) { return argument(pickle, arguments, i, kind); };
  switch (global.role) {
    case Role::dict:
      if (!arguments.empty()) return std::nullopt;
      pickle.items.emplace_back();
      return PickleValue{.kind = Kind::dict,
                         .depth = 1,
                         .number = static_cast<std::int64_t>(pickle.items.size()) - 1};
    case Role::counter:
      if (arguments.empty()) return call(pickle, globals[0], arguments);
      if (arguments.size() != 1 || given(0, Kind::dict) == nullptr) return std::nullopt;
      return *given(0, Kind::dict);
    case Role::tensor:
    case Role::typed_tensor:
      return tensor(pickle, arguments, global.role == Role::typed_tensor);
    case Role::parameter:
      if (given(0, Kind::tensor) == nullptr || arguments.size() != 3) return std::nullopt;
      return *given(0, Kind::tensor);
    case Role::size:
      if (given(0, Kind::tuple) == nullptr || arguments.size() != 1) return std::nullopt;
      return *given(0, Kind::tuple);
    case Role::device:
      if (given(0, Kind::text) == nullptr || arguments.size() > 2) return std::nullopt;
      return opaque(global.name);
    case Role::bytes: {
      const PickleValue *text = given(0, Kind::text), *codec = given(1, Kind::text);
      if (text == nullptr || codec == nullptr || arguments.size() != 2) return std::nullopt;
      if (codec->text != "latin1" && codec->text != "latin-1") return std::nullopt;
      const auto size = latin1_size(text->text);
      if (!size) return std::nullopt;
      return PickleValue{.kind = Kind::bytes, .number = *size};
    }
    case Role::numpy_type:
      if (given(0, Kind::text) == nullptr || arguments.size() > 3) return std::nullopt;
      if (!numpy_size(given(0, Kind::text)->text)) return std::nullopt;
      return opaque(given(0, Kind::text)->text);
    case Role::numpy_scalar: {
      const PickleValue *type = given(0, Kind::opaque), *bytes = given(1, Kind::bytes);
      if (type == nullptr || bytes == nullptr || arguments.size() != 2) return std::nullopt;
      if (numpy_size(type->text) != bytes->number) return std::nullopt;
      return opaque(global.name);
    }
    case Role::set:
      if (arguments.size() != 1 || given(0, Kind::list) == nullptr) return std::nullopt;
      return opaque(global.name);
    case Role::complex:
      if (arguments.size() != 2) return std::nullopt;
      return opaque(global.name);
    case Role::storage:
    case Role::type:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

std::size_t find_pickle_global(std::string_view name) {
  const auto* const found = std::ranges::find(globals, name, &Global::name);
  if (found != std::end(globals)) {
    return static_cast<std::size_t>(std::distance(std::begin(globals), found));
  }
  const auto* const advice = std::ranges::find_if(
      advices, [&](const Advice& known) { return name.starts_with(known.prefix); });
  throw Error(ErrorCode::unsupported, Stage::load,
              fmt::format("pickle: global {} is not allowed, no code is run{}{}", quote(name),
                          advice == std::end(advices) ? "" : ": ",
                          advice == std::end(advices) ? "" : advice->text));
}

std::string_view pickle_global_name(std::size_t global) { return globals[global].name; }

PickleValue call_pickle_global(Pickle& pickle, std::size_t global, Arguments arguments) {
  const auto made = call(pickle, globals[global], arguments);
  if (!made) {
    fail(fmt::format("global {} is called with arguments that it does not take",
                     quote(globals[global].name)));
  }
  return *made;
}

PickleValue load_persistent_id(Pickle& pickle, const PickleValue& id) {
  const Arguments parts = id.kind == Kind::tuple ? Arguments(pickle.items_of(id)) : Arguments();
  const auto part = [&](std::size_t i, Kind kind) { return argument(pickle, parts, i, kind); };
  const PickleValue* const tag = part(0, Kind::text);
  const auto type = type_of(part(1, Kind::global), Role::storage);
  const PickleValue* const key = part(2, Kind::text);
  const PickleValue* const numel = part(4, Kind::integer);
  if (parts.size() != 5 || tag == nullptr || tag->text != "storage" || !type || key == nullptr ||
      part(3, Kind::text) == nullptr || numel == nullptr) {
    fail("a persistent id that is no storage");
  }
  if (numel->number < 0) fail("a storage size that is negative");
  pickle.storages.push_back({key->text, *type, numel->number});
  return {.kind = Kind::storage, .number = static_cast<std::int64_t>(pickle.storages.size()) - 1};
}

}  // namespace depthcloud
