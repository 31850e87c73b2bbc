// The server's own state, moving a little with every question.
import { ago } from './data.mjs';

let tick = 0;
const wave = (base, swing, speed = 7) =>
  Math.max(0, base + swing * Math.sin((tick += 1) / speed) + (tick % 5));

export const administration = {
  GetServerMetrics: () => ({
    body: {
      at: ago(0),
      interval_seconds: 5,
      requests_per_second: wave(420, 120),
      errors_per_second: wave(0.4, 0.4),
      bytes_in_per_second: wave(4e6, 2e6),
      bytes_out_per_second: wave(88e6, 30e6),
      pulls_per_second: wave(61, 12),
      pushes_per_second: wave(2, 1),
      latency_p50_ms: wave(1.4, 0.4),
      latency_p99_ms: wave(11, 4),
      open_connections: Math.round(wave(230, 60)),
      uploads_in_progress: Math.round(wave(4, 3)),
      memory_bytes: wave(91e6, 4e6),
      cpu_percent: wave(37, 12),
      database_ms_p99: wave(2.1, 0.8),
      job_queue: Math.round(wave(3, 3)),
    },
  }),
  GetServerHealth: () => ({
    body: {
      status: 'ok',
      checks: ['database', 'blob store', 'disk space', 'job runner'].map((name) => ({
        name,
        status: 'ok',
        detail: 'answers in 1 ms',
        since: ago(90),
      })),
    },
  }),
  GetGarbage: () => ({
    body: {
      running: false,
      waiting_items: 1_204,
      waiting_bytes: 8_204_331_204,
      due_items: 120,
      last_started_at: ago(2),
      last_finished_at: ago(2),
      last_freed_items: 88,
      last_freed_bytes: 1_204_331_204,
      total_freed_bytes: 91_204_331_204,
      grace_seconds: 86_400,
    },
  }),
};
