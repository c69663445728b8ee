// SPDX-License-Identifier: Apache-2.0
// Whole checkpoints are the business of torch_checkpoints.py.
#include "io/pickle.hpp"

#include <bit>
#include <cstdint>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "expect_error.hpp"

using namespace std::string_literals;

namespace {

using Kind = depthcloud::PickleValue::Kind;

/// The bytes of a pickle. A sum of std::string that begins with a literal makes GCC 12 warn
/// falsely.
struct Program {
  Program(const char* literal) : bytes(literal) {}
  Program(std::string_view text) : bytes(text) {}
  Program(const std::string& text) : bytes(text) {}

  Program& operator+=(const Program& more) {
    bytes.append(more.bytes);
    return *this;
  }

  std::string bytes;
};

Program operator+(Program first, const Program& second) { return first += second; }

/// Keeps the bytes that the values refer to.
struct Read {
  explicit Read(const Program& program)
      : text((Program("\x80\2") + program).bytes),
        pickle(depthcloud::read_pickle(
            {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()})) {}

  const depthcloud::PickleValue& root() const { return pickle[pickle.root]; }
  const depthcloud::PickleValue& item(std::size_t i) const {
    return pickle[pickle.items_of(root())[i]];
  }

  std::string text;
  depthcloud::Pickle pickle;
};

std::string read_error(const Program& program) {
  return error_of([&] { Read read(program); });
}

/// The text `value`, of less than 256 bytes.
Program text(std::string_view value) {
  const std::string size = {static_cast<char>(value.size()), 0, 0, 0};
  return Program("X") + size + value;
}

Program repeated(const Program& program, int times) {
  Program all("");
  for (int i = 0; i < times; ++i) all += program;
  return all;
}

}  // namespace

TEST_SUITE("io") {
  TEST_CASE("pickle: numbers") {
    const auto number = [](const Program& program) {
      const Read read(program + ".");
      CHECK(read.root().kind == Kind::integer);
      return read.root().number;
    };
    CHECK(number("K\xff") == 255);
    CHECK(number("M\x01\x02") == 513);
    CHECK(number("J\xff\xff\xff\xff") == -1);
    CHECK(number("\x8a\0"s) == 0);
    CHECK(number("\x8a\1\x80") == -128);
    CHECK(number("\x8a\2\x80\0"s) == 128);
    CHECK(number("\x8b\1\0\0\0\x05"s) == 5);
    CHECK(number("\x8a\x09\xff\xff\xff\xff\xff\xff\xff\x7f\0"s) == 0x7fff'ffff'ffff'ffff);
    CHECK(Read("\x8a\x09\xff\xff\xff\xff\xff\xff\xff\xff\0."s).root().kind == Kind::opaque);
    CHECK(contains(read_error(Program("\x8a\x11") + std::string(17, 1) + "."),
                   "an integer with a length"));
    CHECK(contains(read_error("\x8b\xff\xff\xff\xff."), "an integer with a length of -1"));
    CHECK(std::bit_cast<double>(Read("G\x3f\xf8\0\0\0\0\0\0."s).root().number) == 1.5);
    CHECK(Read("\x88.").root().number == 1);
    CHECK(Read("N.").root().kind == Kind::none);
  }

  TEST_CASE("pickle: text and bytes") {
    CHECK(Read(text("na\xc3\xafve") + ".").root().text == "na\xc3\xafve");
    CHECK(Read("U\3abc.").root().kind == Kind::text);
    CHECK(Read("U\1\xff.").root().kind == Kind::bytes);
    CHECK(Read("C\3abc.").root().number == 3);
    CHECK(contains(read_error(text("\xff") + "."), "BINUNICODE at byte 2: text that is not UTF-8"));
    CHECK(contains(read_error(text("\xed\xa0\x80") + "."), "not UTF-8"));  // a surrogate
    CHECK(
        contains(read_error("X\xff\xff\xff\xff."), "BINUNICODE at byte 2: it reads past the end"));
    CHECK(contains(read_error("T\xff\xff\xff\xff."), "a negative length"));
  }

  TEST_CASE("pickle: containers, and values that are remembered") {
    const Read tuple("K\1K\2K\3\x87.");
    CHECK(tuple.root().kind == Kind::tuple);
    CHECK(tuple.item(0).number == 1);
    CHECK(tuple.item(2).number == 3);
    const Read dict("}q\0(K\1K\2u."s);
    CHECK(dict.root().kind == Kind::dict);
    CHECK(dict.item(1).number == 2);
    // remembered empty, found filled
    const Read list("]q\0K\7ah\0\x86."s);
    CHECK(list.pickle.items_of(list.item(0)).size() == 1);
    CHECK(list.pickle.items_of(list.item(1)).size() == 1);
    CHECK(Read("(K\1K\2t.").pickle.values.size() == 3);
    CHECK(Read("\x8f(K\1\x90.").root().kind == Kind::set);
    CHECK(contains(read_error("K\1a."), "underflow"));
    CHECK(contains(read_error("}K\1a."), "needs a list"));
    CHECK(contains(read_error("](K\1K\2u."), "needs a dictionary"));
    CHECK(contains(read_error("}(K\1u."), "a key without a value"));
    CHECK(contains(read_error("](\x85."), "underflow"));  // across a mark
    CHECK(contains(read_error("t."), "there is no MARK"));
    CHECK(contains(read_error("h\7."), "nothing was put there"));
    CHECK(contains(read_error("K\1K\2."), "more than one value is left"));
    CHECK(contains(read_error("K\1.K"), "other bytes stand behind its end"));
    CHECK(contains(read_error("K\1"), "past the end"));
  }

  TEST_CASE("pickle: limits") {
    CHECK(contains(read_error(repeated("]", 101) + repeated("a", 100) + "."), "nested too deep"));
    CHECK(read_error(repeated("]", 100) + repeated("a", 99) + ".") == "nothing");
    CHECK(contains(read_error(")" + repeated("\x85", 100) + "."), "nested too deep"));
    CHECK(contains(read_error(repeated("(", 1001)), "more than 1000 at once"));
    CHECK(contains(read_error(repeated("N", 10'001)), "the stack is too deep"));
    CHECK(read_error(repeated("N", 4'000'001 / 2) + ".").starts_with("limit_exceeded load"));
  }

  TEST_CASE("pickle: globals are entries of a list, and calls checks of their arguments") {
    CHECK(Read("ccollections\nOrderedDict\n)R.").root().kind == Kind::dict);
    CHECK(Read("c_codecs\nencode\n" + text("\xc3\xbf") + text("latin1") + "\x86R.").root().number ==
          1);
    CHECK(Read(text("torch") + text("Size") + "\x93K\1\x85\x85R.").root().kind == Kind::tuple);
    CHECK(contains(read_error("cos\nsystem\n."),
                   "unsupported load: pickle: global 'os.system' is not allowed"));
    CHECK(contains(read_error(text("zipfile") + text("os.system") + "\x93."),
                   "'zipfile.os.system' is not allowed"));
    CHECK(contains(read_error("ctorch.nn.modules.linear\nLinear\n."), "save model.state_dict()"));
    CHECK(contains(read_error("ccollections\nOrderedDict\nK\1\x85R."), "arguments"));
    CHECK(contains(read_error("ctorch\nFloatStorage\nK\1\x85R."), "'torch.FloatStorage'"));
    CHECK(contains(read_error("K\1K\2R."), "needs a tuple of arguments"));
    CHECK(contains(read_error("K\1)R."), "needs a global"));
    CHECK(contains(read_error("ctorch\nSize\n}b."), "no code is run"));
    CHECK(Read("}}b.").root().kind == Kind::dict);
  }

  TEST_CASE("pickle: instructions that no state dictionary needs are refused by name") {
    for (const auto& [byte, name] : {std::pair{'0', "POP"},
                                     {'i', "INST"},
                                     {'o', "OBJ"},
                                     {'\x81', "NEWOBJ"},
                                     {'\x82', "EXT1"},
                                     {'\x92', "NEWOBJ_EX"},
                                     {'P', "PERSID"},
                                     {'I', "INT"}}) {
      const std::string error = read_error(Program(std::string(1, byte)) + ".");
      CHECK(error.starts_with(
          std::string("unsupported load: pickle: ").append(name).append(" at byte 2")));
    }
    CHECK(contains(read_error("\xfe."), "unknown instruction 0xfe"));
    CHECK(contains(read_error("\x80\x05."), "protocol 5"));
    CHECK(contains(read_error(Program("\x95") + std::string(8, '\xff') + "."), "FRAME"));
  }

  TEST_CASE("pickle: storages and tensors") {
    const Program storage =
        "(" + text("storage") + "ctorch\nFloatStorage\n" + text("0") + text("cpu") + "K\6tQ";
    const auto tensor = [&](const Program& rest) {
      return "ctorch._utils\n_rebuild_tensor_v2\n(" + storage + rest + "\x89NtR.";
    };
    const Read good(tensor("K\0K\2K\3\x86K\3K\1\x86"s));
    REQUIRE(good.root().kind == Kind::tensor);
    CHECK(good.pickle.tensors[0].shape == std::vector<std::int64_t>{2, 3});
    CHECK(good.pickle.storages[0].key == "0");
    CHECK(contains(read_error(tensor("K\0K\2\x85K\3K\1\x86"s)), "1 axes has 2 strides"));
    CHECK(contains(read_error(tensor("K\0J\xff\xff\xff\xff\x85K\1\x85"s)), "size"));
    CHECK(contains(read_error(tensor("K\0K\1\x85J\xff\xff\xff\xff\x85"s)), "stride"));
    CHECK(contains(read_error(tensor("J\xff\xff\xff\xff))"s)), "negative offset"));
    CHECK(contains(read_error(tensor("K\0))"s).bytes.substr(0, 60)), "load: pickle"));
    CHECK(contains(read_error(text("storage") + "\x85Q."), "persistent id"));
  }
}
