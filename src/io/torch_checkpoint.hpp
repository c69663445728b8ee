// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "io/tensor_table.hpp"

namespace depthcloud {

/// Whether a file begins as one that torch.save() wrote, of any age.
bool is_torch_checkpoint(std::span<const std::uint8_t> bytes) noexcept;

/// Whether a whole file is a TorchScript module, which torch.jit.save() wrote. False where it
/// cannot be read.
bool is_torchscript(std::span<const std::uint8_t> bytes);

/// Returns the tensors of a checkpoint that torch.save() wrote (PyTorch 1.6 and later), read as
/// data: see read_pickle(). The state dictionary is the root, or what stands below
/// `model_state_dict`, `state_dict`, `model`, `module`, `network`, `net`, `params` or `weights`;
/// "module." and
/// "_orig_mod." in front of the names are taken off. Tensors lie in the file where they can; those
/// with other strides, another byte order or out of line are copied, which takes no more memory
/// than the records that they are in. `bytes` must outlive the result.
///
/// Errors (stage load): bad_model (damaged, or storages and tensors that contradict each other),
/// unsupported (globals, compressed records, TorchScript, the format before 1.6), limit_exceeded,
/// out_of_memory.
TensorTable read_torch_checkpoint(std::span<const std::uint8_t> bytes);

}  // namespace depthcloud
