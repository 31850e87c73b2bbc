// Work that nobody waits for at this moment gives way to requests when the processor is short.
#pragma once

namespace berth {

// As for nice(2): how far the calling thread steps back from where it is. What runs alone runs at full speed all the
// same.
inline constexpr int kBackgroundNice = 15;  // garbage, jobs
inline constexpr int kDearNice = 12;        // somebody waits for it, but it costs much more than others' requests

// For the calling thread until it ends: Linux keeps the value a thread, and what was given away needs a privilege to
// take back. Thread-safe.
void GiveWay(int nice);

// For a calling thread that does little at a time and that everybody waits for: when it wakes, it interrupts whoever
// is at work instead of waiting for the end of their slice. It asks the scheduler for the shortest slice there is
// (sched_setattr(2), Linux 6.12); older ones ignore that. Its share of the processor stays the same.
void AnswerSoon();

}  // namespace berth
