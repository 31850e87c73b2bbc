// Work that nobody waits for at this moment gives way to requests when the processor is short.
#pragma once

namespace berth {

// As for nice(2): how far the calling thread steps back from where it is. What runs alone runs at full speed all the
// same.
inline constexpr int kBackgroundNice = 10;  // garbage, jobs
inline constexpr int kDearNice = 5;         // somebody waits for it, but it costs much more than others' requests

// For the calling thread until it ends: Linux keeps the value a thread, and what was given away needs a privilege to
// take back. Thread-safe.
void GiveWay(int nice);

}  // namespace berth
