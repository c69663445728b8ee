// SPDX-License-Identifier: Apache-2.0
#include "core/processor.hpp"

#include <array>
#include <cstddef>
#include <cstring>
#include <vector>

#include <fmt/format.h>
#include <sys/utsname.h>

#ifdef __x86_64__
#include <cpuid.h>
#endif

namespace depthcloud {
namespace {

std::string architecture() {
  utsname machine{};
  return ::uname(&machine) == 0 ? machine.machine : "unknown";
}

#ifdef __x86_64__
/// The 48 characters of CPUID leaves 0x80000002 to 0x80000004.
std::string brand() {
  constexpr unsigned first_leaf = 0x80000002;
  constexpr std::size_t leaves = 3;
  std::array<unsigned, 4 * leaves> registers{};
  for (std::size_t i = 0; i < leaves; ++i) {
    unsigned* const r = &registers[4 * i];
    if (__get_cpuid(first_leaf + static_cast<unsigned>(i), &r[0], &r[1], &r[2], &r[3]) == 0) {
      return "";
    }
  }
  std::string text(sizeof registers, '\0');
  std::memcpy(text.data(), registers.data(), text.size());
  text.resize(std::strlen(text.c_str()));
  const std::size_t begin = text.find_first_not_of(' ');
  return begin == std::string::npos ? ""
                                    : text.substr(begin, text.find_last_not_of(' ') + 1 - begin);
}
#endif

}  // namespace

std::string processor_name() {
#ifdef __x86_64__
  if (std::string name = brand(); !name.empty()) return name;
#endif
  return architecture();
}

std::string missing_avx512() {
  std::vector<const char*> missing;
#ifdef __x86_64__
  if (!__builtin_cpu_supports("avx512bw")) missing.push_back("avx512bw");
  if (!__builtin_cpu_supports("avx512dq")) missing.push_back("avx512dq");
  if (!__builtin_cpu_supports("avx512vl")) missing.push_back("avx512vl");
#endif
  if (missing.size() < 2) return missing.empty() ? "" : missing.front();
  const char* const last = missing.back();
  missing.pop_back();
  return fmt::format("{} and {}", fmt::join(missing, ", "), last);
}

}  // namespace depthcloud
