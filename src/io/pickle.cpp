// SPDX-License-Identifier: Apache-2.0
#include "io/pickle.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstring>
#include <string>
#include <unordered_map>

#include <fmt/format.h>

#include <depthcloud/error.hpp>

#include "core/quote.hpp"
#include "core/utf8.hpp"
#include "io/pickle_globals.hpp"

namespace depthcloud {
namespace {

using Kind = PickleValue::Kind;
using Index = Pickle::Index;
using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t largest_pickle = 256u << 20;
constexpr std::size_t most_steps = 50'000'000;
constexpr std::size_t most_values = 4'000'000;
constexpr std::size_t most_remembered = 4'000'000;
constexpr std::size_t highest_stack = 10'000;
constexpr std::size_t most_marks = 1'000;
constexpr std::size_t most_pairs = 1'000'000;
constexpr std::size_t longest_text = 16u << 20;
constexpr std::size_t longest_integer = 16;
constexpr int deepest = 100;

/// The stack machine of the format. An instruction checks what it finds and makes plain data.
class Machine {
 public:
  explicit Machine(Bytes bytes) : bytes_(bytes) {}

  Pickle run() {
    if (bytes_.size() > largest_pickle) {
      limit(fmt::format("{} bytes are above the limit of {}", bytes_.size(), largest_pickle));
    }
    if (bytes_.empty() || bytes_.front() != 0x80) fail("it does not begin with its protocol");
    while (!stopped_) step();
    if (at_ != bytes_.size()) fail("other bytes stand behind its end");
    return std::move(pickle_);
  }

 private:
  struct Instruction {
    std::uint8_t byte;
    const char* name;
    void (Machine::*run)();  ///< nullptr: refused
  };
  static const Instruction instructions[];

  static const Instruction* find(std::uint8_t byte) {
    static const auto table = [] {
      std::array<const Instruction*, 256> all{};
      for (const Instruction* it = instructions; it->name != nullptr; ++it) all[it->byte] = it;
      return all;
    }();
    return table[byte];
  }

  void step() {
    begin_ = at_;
    running_ = nullptr;
    const std::uint8_t byte = take(1).front();
    running_ = find(byte);
    if (running_ == nullptr) fail(fmt::format("unknown instruction 0x{:02x}", byte));
    if (running_->run == nullptr) {
      unsupported(byte == new_object || byte == new_object_with_keywords
                      ? "a whole object was saved, save its state dictionary in its place"
                      : "no state dictionary needs this instruction");
    }
    if (++steps_ > most_steps) limit(fmt::format("more than {} instructions", most_steps));
    (this->*running_->run)();
  }

  // --- errors

  std::string where() const {
    return fmt::format("{} at byte {}", running_ == nullptr ? "" : running_->name, begin_);
  }
  [[noreturn]] void stop(ErrorCode code, const std::string& what) const {
    throw Error(
        code, Stage::load,
        running_ == nullptr ? "pickle: " + what : fmt::format("pickle: {}: {}", where(), what));
  }
  [[noreturn]] void fail(const std::string& what) const { stop(ErrorCode::bad_model, what); }
  [[noreturn]] void limit(const std::string& what) const { stop(ErrorCode::limit_exceeded, what); }
  [[noreturn]] void unsupported(const std::string& what) const {
    stop(ErrorCode::unsupported, what);
  }

  // --- bytes

  Bytes take(std::uint64_t size) {
    if (size > bytes_.size() - at_) fail("it reads past the end");
    const Bytes part = bytes_.subspan(at_, size);
    at_ += size;
    return part;
  }

  template <std::integral T>
  T number() {
    T value{};
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }

  template <std::integral Size>
  std::string_view text() {
    const Size size = number<Size>();
    if constexpr (std::signed_integral<Size>) {
      if (size < 0) fail("a negative length");
    }
    const Bytes part = take(static_cast<std::uint64_t>(size));
    if (part.size() > longest_text) {
      limit(fmt::format("{} bytes of text are above the limit of {}", part.size(), longest_text));
    }
    return {reinterpret_cast<const char*>(part.data()), part.size()};
  }

  std::string_view line() {
    const Bytes rest = bytes_.subspan(at_);
    const auto end = std::ranges::find(rest, '\n');
    if (end == rest.end()) fail("it reads past the end");
    const auto size = static_cast<std::size_t>(end - rest.begin());
    at_ += size + 1;
    return {reinterpret_cast<const char*>(rest.data()), size};
  }

  // --- the stack

  void push(Index index) {
    if (stack_.size() == highest_stack) limit("the stack is too deep");
    stack_.push_back(index);
  }

  void push(const PickleValue& value) {
    if (pickle_.values.size() == most_values) {
      limit(fmt::format("more than {} values", most_values));
    }
    pickle_.values.push_back(value);
    push(static_cast<Index>(pickle_.values.size() - 1));
  }

  std::size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }

  Index top() const {
    if (stack_.size() <= floor()) fail("stack underflow");
    return stack_.back();
  }

  Index pop() {
    const Index index = top();
    stack_.pop_back();
    return index;
  }

  PickleValue pop(Kind kind, const char* what) {
    const PickleValue value = pickle_[pop()];
    if (value.kind != kind) fail(fmt::format("needs {}", what));
    return value;
  }

  std::vector<Index> pop_to_mark() {
    if (marks_.empty()) fail("there is no MARK");
    const auto first = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    std::vector<Index> items(first, stack_.end());
    stack_.erase(first, stack_.end());
    marks_.pop_back();
    return items;
  }

  // --- containers

  int depth_above(std::span<const Index> items) const {
    int depth = 0;
    for (const Index index : items) depth = std::max<int>(depth, pickle_[index].depth);
    if (++depth > deepest) limit("containers are nested too deep");
    return depth;
  }

  void push_container(Kind kind, std::vector<Index> items) {
    const int depth = depth_above(items);
    pickle_.items.push_back(std::move(items));
    push({.kind = kind,
          .depth = static_cast<std::uint8_t>(depth),
          .number = static_cast<std::int64_t>(pickle_.items.size()) - 1});
  }

  /// Adds to the container on the top of the stack.
  void extend(Kind kind, const char* what, std::span<const Index> added) {
    PickleValue& container = pickle_.values[top()];
    if (container.kind != kind) fail(fmt::format("needs {}", what));
    const int depth = std::max<int>(container.depth, depth_above(added));
    container.depth = static_cast<std::uint8_t>(depth);
    auto& items = pickle_.items[static_cast<std::size_t>(container.number)];
    if (items.size() + added.size() > 2 * most_pairs) {
      limit(fmt::format("a container of more than {} pairs", most_pairs));
    }
    items.insert(items.end(), added.begin(), added.end());
  }

  // --- instructions: values

  void protocol() {
    const int version = number<std::uint8_t>();
    if (version < 2 || version > 4) {
      unsupported(fmt::format("protocol {} (2, 3 and 4 are read)", version));
    }
  }

  void frame() {
    if (number<std::uint64_t>() > bytes_.size() - at_) fail("it reaches past the end");
  }

  void end() {
    pickle_.root = pop();
    if (!stack_.empty() || !marks_.empty()) fail("more than one value is left");
    stopped_ = true;
  }

  void mark() {
    if (marks_.size() == most_marks) limit(fmt::format("more than {} at once", most_marks));
    marks_.push_back(stack_.size());
  }

  void none() { push(PickleValue{}); }

  template <bool value>
  void boolean() {
    push({.kind = Kind::boolean, .number = value});
  }

  template <std::integral T>
  void integer() {
    push({.kind = Kind::integer, .number = static_cast<std::int64_t>(number<T>())});
  }

  template <std::integral Size>
  void long_integer() {
    const Size size = number<Size>();
    if (size < 0 || static_cast<std::uint64_t>(size) > longest_integer) {
      fail(fmt::format("an integer with a length of {} bytes", size));
    }
    const Bytes digits = take(static_cast<std::uint64_t>(size));
    const bool negative = !digits.empty() && (digits.back() & 0x80) != 0;
    std::int64_t value = negative ? -1 : 0;
    constexpr std::size_t held = sizeof value;
    std::memcpy(&value, digits.data(), std::min(digits.size(), held));
    const bool fits = digits.size() <= held ||
                      ((value < 0) == negative &&
                       std::ranges::all_of(digits.subspan(held), [&](std::uint8_t digit) {
                         return digit == (negative ? 0xFF : 0);
                       }));
    // of no use, as the seed of a random generator: a number that no check takes
    push(fits ? PickleValue{.kind = Kind::integer, .number = value}
              : PickleValue{.kind = Kind::opaque, .text = "integer"});
  }

  void real() {
    const Bytes bytes = take(sizeof(double));
    std::uint64_t bits = 0;
    for (const std::uint8_t byte : bytes) bits = bits << 8 | byte;
    push({.kind = Kind::real, .number = std::bit_cast<std::int64_t>(bits)});
  }

  template <std::integral Size>
  void unicode() {
    const std::string_view value = text<Size>();
    if (!is_utf8(value)) fail("text that is not UTF-8");
    push({.kind = Kind::text, .text = value});
  }

  template <std::integral Size>
  void bytes() {
    push({.kind = Kind::bytes, .number = static_cast<std::int64_t>(text<Size>().size())});
  }

  /// What Python 2 wrote for either.
  template <std::integral Size>
  void text_or_bytes() {
    const std::string_view value = text<Size>();
    if (is_utf8(value)) {
      push({.kind = Kind::text, .text = value});
    } else {
      push({.kind = Kind::bytes, .number = static_cast<std::int64_t>(value.size())});
    }
  }

  // --- instructions: containers

  template <Kind kind>
  void empty() {
    push_container(kind, {});
  }

  template <std::size_t size>
  void tuple() {
    std::vector<Index> items(size);
    for (std::size_t i = size; i-- > 0;) items[i] = pop();
    push_container(Kind::tuple, std::move(items));
  }

  void marked_tuple() { push_container(Kind::tuple, pop_to_mark()); }

  void append() {
    const Index item = pop();
    extend(Kind::list, "a list", {&item, 1});
  }

  void appends() { extend(Kind::list, "a list", pop_to_mark()); }

  void set_item() {
    const Index value = pop();
    const std::array pair{pop(), value};
    extend(Kind::dict, "a dictionary", pair);
  }

  void set_items() {
    const std::vector<Index> pairs = pop_to_mark();
    if (pairs.size() % 2 != 0) fail("a key without a value");
    extend(Kind::dict, "a dictionary", pairs);
  }

  void add_items() { extend(Kind::set, "a set", pop_to_mark()); }

  // --- instructions: globals

  void push_global(std::string_view module, std::string_view name) {
    const std::string full = fmt::format("{}.{}", module, name);
    push({.kind = Kind::global, .number = static_cast<std::int64_t>(find_pickle_global(full))});
  }

  void global() {
    const std::string_view module = line();
    push_global(module, line());
  }

  void stack_global() {
    const PickleValue name = pop(Kind::text, "two texts");
    push_global(pop(Kind::text, "two texts").text, name.text);
  }

  void reduce() {
    const PickleValue arguments = pop(Kind::tuple, "a tuple of arguments");
    const PickleValue called = pop(Kind::global, "a global");
    // A copy: the call may add to the containers.
    const std::vector<Index> items = pickle_.items_of(arguments);
    push(call_pickle_global(pickle_, static_cast<std::size_t>(called.number), items));
  }

  /// The attributes of a state dictionary and the byte order of a type of NumPy's have no effect.
  void build() {
    const Kind state = pickle_[pop()].kind;
    const Kind object = pickle_[top()].kind;
    if ((object == Kind::dict && state == Kind::dict) ||
        (object == Kind::opaque && state == Kind::tuple)) {
      return;
    }
    unsupported("the state of an object is not set, no code is run");
  }

  void persistent_id() {
    const PickleValue id = pickle_[pop()];
    push(load_persistent_id(pickle_, id));
  }

  // --- instructions: memory

  template <std::integral T>
  void get() {
    const auto found = memory_.find(number<T>());
    if (found == memory_.end()) fail("nothing was put there");
    push(found->second);
  }

  void put_at(std::uint32_t place) {
    if (memory_.size() == most_remembered) {
      limit(fmt::format("more than {} values are remembered", most_remembered));
    }
    memory_.insert_or_assign(place, top());
  }

  template <std::integral T>
  void put() {
    put_at(number<T>());
  }

  void memoize() { put_at(static_cast<std::uint32_t>(memory_.size())); }

  static constexpr std::uint8_t new_object = 0x81;
  static constexpr std::uint8_t new_object_with_keywords = 0x92;

  Bytes bytes_;
  std::size_t at_ = 0;
  std::size_t begin_ = 0;  ///< of the instruction that runs
  const Instruction* running_ = nullptr;
  std::size_t steps_ = 0;
  bool stopped_ = false;
  std::vector<Index> stack_;
  std::vector<std::size_t> marks_;
  std::unordered_map<std::uint32_t, Index> memory_;
  Pickle pickle_;
};

constexpr Machine::Instruction Machine::instructions[] = {
    {0x80, "PROTO", &Machine::protocol},
    {0x95, "FRAME", &Machine::frame},
    {'.', "STOP", &Machine::end},
    {'(', "MARK", &Machine::mark},
    {'N', "NONE", &Machine::none},
    {0x88, "NEWTRUE", &Machine::boolean<true>},
    {0x89, "NEWFALSE", &Machine::boolean<false>},
    {'J', "BININT", &Machine::integer<std::int32_t>},
    {'K', "BININT1", &Machine::integer<std::uint8_t>},
    {'M', "BININT2", &Machine::integer<std::uint16_t>},
    {0x8a, "LONG1", &Machine::long_integer<std::uint8_t>},
    {0x8b, "LONG4", &Machine::long_integer<std::int32_t>},
    {'G', "BINFLOAT", &Machine::real},
    {'X', "BINUNICODE", &Machine::unicode<std::uint32_t>},
    {0x8c, "SHORT_BINUNICODE", &Machine::unicode<std::uint8_t>},
    {0x8d, "BINUNICODE8", &Machine::unicode<std::uint64_t>},
    {'B', "BINBYTES", &Machine::bytes<std::uint32_t>},
    {'C', "SHORT_BINBYTES", &Machine::bytes<std::uint8_t>},
    {0x8e, "BINBYTES8", &Machine::bytes<std::uint64_t>},
    {'T', "BINSTRING", &Machine::text_or_bytes<std::int32_t>},
    {'U', "SHORT_BINSTRING", &Machine::text_or_bytes<std::uint8_t>},
    {')', "EMPTY_TUPLE", &Machine::tuple<0>},
    {0x85, "TUPLE1", &Machine::tuple<1>},
    {0x86, "TUPLE2", &Machine::tuple<2>},
    {0x87, "TUPLE3", &Machine::tuple<3>},
    {'t', "TUPLE", &Machine::marked_tuple},
    {']', "EMPTY_LIST", &Machine::empty<Kind::list>},
    {'a', "APPEND", &Machine::append},
    {'e', "APPENDS", &Machine::appends},
    {'}', "EMPTY_DICT", &Machine::empty<Kind::dict>},
    {'s', "SETITEM", &Machine::set_item},
    {'u', "SETITEMS", &Machine::set_items},
    {0x8f, "EMPTY_SET", &Machine::empty<Kind::set>},
    {0x90, "ADDITEMS", &Machine::add_items},
    {'c', "GLOBAL", &Machine::global},
    {0x93, "STACK_GLOBAL", &Machine::stack_global},
    {'R', "REDUCE", &Machine::reduce},
    {'b', "BUILD", &Machine::build},
    {'Q', "BINPERSID", &Machine::persistent_id},
    {'h', "BINGET", &Machine::get<std::uint8_t>},
    {'j', "LONG_BINGET", &Machine::get<std::uint32_t>},
    {'q', "BINPUT", &Machine::put<std::uint8_t>},
    {'r', "LONG_BINPUT", &Machine::put<std::uint32_t>},
    {0x94, "MEMOIZE", &Machine::memoize},
    // Those that no state dictionary needs.
    {'0', "POP", nullptr},
    {'1', "POP_MARK", nullptr},
    {'2', "DUP", nullptr},
    {'P', "PERSID", nullptr},
    {'i', "INST", nullptr},
    {'o', "OBJ", nullptr},
    {new_object, "NEWOBJ", nullptr},
    {0x82, "EXT1", nullptr},
    {0x83, "EXT2", nullptr},
    {0x84, "EXT4", nullptr},
    {0x91, "FROZENSET", nullptr},
    {new_object_with_keywords, "NEWOBJ_EX", nullptr},
    {0x96, "BYTEARRAY8", nullptr},
    {0x97, "NEXT_BUFFER", nullptr},
    {0x98, "READONLY_BUFFER", nullptr},
    {'I', "INT", nullptr},
    {'L', "LONG", nullptr},
    {'F', "FLOAT", nullptr},
    {'S', "STRING", nullptr},
    {'V', "UNICODE", nullptr},
    {'g', "GET", nullptr},
    {'p', "PUT", nullptr},
    {'l', "LIST", nullptr},
    {'d', "DICT", nullptr},
    {0, nullptr, nullptr},
};

}  // namespace

Pickle read_pickle(Bytes bytes) { return Machine(bytes).run(); }

}  // namespace depthcloud
