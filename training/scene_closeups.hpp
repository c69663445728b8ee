// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "scene.hpp"

namespace train_builtin {

// Scenes in which what is lower in the picture need not be nearer.

Scene flowers(Random& random);
Scene foliage(Random& random);
Scene animals(Random& random);
Scene shelves(Random& random);
Scene view_out(Random& random);
Scene in_the_air(Random& random);
Scene up_or_down(Random& random);
Scene layers(Random& random);
Scene waterside(Random& random);

}  // namespace train_builtin
