// SPDX-License-Identifier: Apache-2.0
#include "image/color_profile.hpp"

#include <string>

#include "core/log.hpp"

#ifdef DEPTHCLOUD_WITH_LCMS2
#include <lcms2.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <new>
#include <vector>

#include "image/color_order.hpp"
#endif

namespace depthcloud {

void remark_broken_profile(const char* reason) {
  log(LogLevel::info, std::string("the photo's colour profile is ignored: ") + reason);
}

#ifdef DEPTHCLOUD_WITH_LCMS2
namespace {

struct DeleteContext {
  void operator()(cmsContext context) const { cmsDeleteContext(context); }
};
struct CloseProfile {
  void operator()(cmsHPROFILE profile) const { cmsCloseProfile(profile); }
};
struct DeleteTransform {
  void operator()(cmsHTRANSFORM transform) const { cmsDeleteTransform(transform); }
};
using Context = std::unique_ptr<_cmsContext_struct, DeleteContext>;
using Profile = std::unique_ptr<void, CloseProfile>;
using Transform = std::unique_ptr<void, DeleteTransform>;

cmsColorSpaceSignature color_space(ColorModel model) {
  switch (model) {
    case ColorModel::gray:
      return cmsSigGrayData;
    case ColorModel::cmyk:
      return cmsSigCmykData;
    case ColorModel::rgb:
      break;
  }
  return cmsSigRgbData;
}

cmsUInt32Number layout(PixelFormat format) {
  switch (format) {
    case PixelFormat::bgr:
      return TYPE_BGR_8;
    case PixelFormat::rgba:
      return TYPE_RGBA_8;
    case PixelFormat::bgra:
      return TYPE_BGRA_8;
    default:
      return TYPE_RGB_8;
  }
}

/// A profile beside sRGB, both of one context whose messages go nowhere.
class ProfilePair {
 public:
  explicit ProfilePair(std::span<const std::uint8_t> bytes)
      : context_(cmsCreateContext(nullptr, nullptr)) {
    if (!context_) throw std::bad_alloc();
    from_.reset(cmsOpenProfileFromMemTHR(context_.get(), bytes.data(),
                                         static_cast<cmsUInt32Number>(bytes.size())));
    srgb_.reset(cmsCreate_sRGBProfileTHR(context_.get()));
  }
  bool is(ColorModel model) const {
    return from_ && cmsGetColorSpace(from_.get()) == color_space(model);
  }
  bool opens() const { return from_ != nullptr; }
  /// Empty where the profile has no way to sRGB.
  Transform transform(cmsUInt32Number from, cmsUInt32Number to) const {
    // Without lcms' own cache of the last colour a transform can be shared by threads.
    const cmsUInt32Number flags = cmsFLAGS_NOCACHE | (T_EXTRA(from) != 0 ? cmsFLAGS_COPY_ALPHA : 0);
    return Transform(cmsCreateTransformTHR(context_.get(), from_.get(), from, srgb_.get(), to,
                                           INTENT_PERCEPTUAL, flags));
  }

 private:
  Context context_;
  Profile from_;
  Profile srgb_;
};

/// Of a gray photo, whose 256 values are looked up.
class GrayTransform final : public ColorTransform {
 public:
  GrayTransform(const ProfilePair& profiles, PixelFormat format)
      : bytes_(channels(format)), order_(color_order(format)) {
    const Transform transform = profiles.transform(TYPE_GRAY_8, TYPE_RGB_8);
    if (!transform) return;
    std::array<std::uint8_t, 256> values;
    for (int i = 0; i < 256; ++i)
      values[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(i);
    cmsDoTransform(transform.get(), values.data(), table_.data(), 256);
    is_good_ = true;
    for (int i = 0; i < 256 * 3; ++i) {
      changes_ |= std::abs(table_[static_cast<std::size_t>(i)] - i / 3) > 1;
    }
  }
  bool is_good() const { return is_good_; }
  bool changes() const { return changes_; }
  void apply(const std::uint8_t* from, int count, std::uint8_t* to) const override {
    for (int i = 0; i < count; ++i, from += bytes_, to += bytes_) {
      const std::uint8_t* const color = &table_[std::size_t{3} * from[0]];
      const std::uint8_t alpha = bytes_ == 4 ? from[3] : 0;
      to[order_.red] = color[0];
      to[order_.green] = color[1];
      to[order_.blue] = color[2];
      if (bytes_ == 4) to[3] = alpha;
    }
  }

 private:
  int bytes_;
  ColorOrder order_;
  std::array<std::uint8_t, std::size_t{3} * 256> table_{};
  bool is_good_ = false;
  bool changes_ = false;
};

class LcmsTransform final : public ColorTransform {
 public:
  LcmsTransform(ProfilePair profiles, ColorModel model, PixelFormat format)
      : profiles_(std::move(profiles)),
        transform_(profiles_.transform(model == ColorModel::cmyk ? TYPE_CMYK_8_REV : layout(format),
                                       layout(format))),
        sets_alpha_(model == ColorModel::cmyk && channels(format) == 4) {}
  bool is_good() const { return transform_ != nullptr; }
  /// Whether any colour of a coarse grid moves by more than rounding does.
  bool changes(PixelFormat format) const {
    constexpr std::size_t steps = 6;  // 0, 51, ..., 255
    const std::size_t bytes = static_cast<std::size_t>(channels(format));
    std::vector<std::uint8_t> colors(bytes * steps * steps * steps, 255);
    for (std::size_t i = 0; i < steps * steps * steps; ++i) {
      const std::size_t place[] = {i % steps, i / steps % steps, i / steps / steps};
      for (std::size_t c = 0; c < 3; ++c) {
        colors[bytes * i + c] = static_cast<std::uint8_t>(51 * place[c]);
      }
    }
    std::vector<std::uint8_t> moved = colors;
    apply(colors.data(), steps * steps * steps, moved.data());
    return !std::equal(colors.begin(), colors.end(), moved.begin(),
                       [](int a, int b) { return std::abs(a - b) <= 1; });
  }
  void apply(const std::uint8_t* from, int count, std::uint8_t* to) const override {
    cmsDoTransform(transform_.get(), from, to, static_cast<cmsUInt32Number>(count));
    if (!sets_alpha_) return;
    for (int i = 0; i < count; ++i) to[4 * i + 3] = 255;
  }

 private:
  ProfilePair profiles_;
  Transform transform_;
  bool sets_alpha_;
};

using SharedTransform = std::shared_ptr<const ColorTransform>;

SharedTransform make_transform(std::span<const std::uint8_t> bytes, ColorModel model,
                               PixelFormat format) {
  constexpr std::size_t most_bytes = 4 << 20;
  if (bytes.size() > most_bytes) {
    remark_broken_profile("it is larger than 4 MB");
    return nullptr;
  }
  ProfilePair profiles(bytes);
  if (!profiles.is(model)) {
    remark_broken_profile(profiles.opens() ? "it is for other colours than the photo has"
                                           : "it is broken");
    return nullptr;
  }
  if (model == ColorModel::gray) {
    auto transform = std::make_shared<GrayTransform>(profiles, format);
    if (!transform->is_good()) remark_broken_profile("it is broken");
    return transform->is_good() && transform->changes() ? transform : nullptr;
  }
  auto transform = std::make_shared<LcmsTransform>(std::move(profiles), model, format);
  if (!transform->is_good()) {
    remark_broken_profile("it is broken");
    return nullptr;
  }
  return model == ColorModel::cmyk || transform->changes(format) ? transform : nullptr;
}

/// The transforms of the profiles that were asked for last, none among them.
class RecentTransforms {
 public:
  SharedTransform get(std::span<const std::uint8_t> profile, ColorModel model, PixelFormat format) {
    const std::lock_guard lock(mutex_);
    for (const Entry& entry : entries_) {
      if (entry.model == model && entry.format == format &&
          std::ranges::equal(entry.profile, profile)) {
        return entry.transform;
      }
    }
    Entry entry{
        {profile.begin(), profile.end()}, model, format, make_transform(profile, model, format)};
    constexpr std::size_t most = 4;
    if (entries_.size() == most) entries_.pop_front();
    entries_.push_back(std::move(entry));
    return entries_.back().transform;
  }

 private:
  struct Entry {
    std::vector<std::uint8_t> profile;
    ColorModel model;
    PixelFormat format;
    SharedTransform transform;
  };

  std::mutex mutex_;
  std::deque<Entry> entries_;
};

}  // namespace

SharedTransform transform_to_srgb(std::span<const std::uint8_t> profile, ColorModel model,
                                  PixelFormat result) {
  if (profile.empty() || result == PixelFormat::gray) return nullptr;
  static RecentTransforms recent;
  return recent.get(profile, model, result);
}

#else

std::shared_ptr<const ColorTransform> transform_to_srgb(std::span<const std::uint8_t>, ColorModel,
                                                        PixelFormat) {
  return nullptr;
}

#endif

}  // namespace depthcloud
