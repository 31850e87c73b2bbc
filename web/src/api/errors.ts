// What went wrong with a request, in words that a person can act on.
interface ErrorBody {
  message?: string;
  detail?: string;
  fields?: Record<string, string[]>;
  login_2fa_token?: string;
}

export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly fields: Record<string, string> = {},
    readonly needsSecondFactor = false,
  ) {
    super(message);
    this.name = 'ApiError';
  }

  static from(response: Response, body: unknown): ApiError {
    const error = (typeof body === 'object' && body !== null ? body : {}) as ErrorBody;
    const fields = Object.fromEntries(
      Object.entries(error.fields ?? {}).map(([name, reasons]) => [name, reasons.join(' ')]),
    );
    const message = error.message || error.detail || fallbackMessage(response);
    return new ApiError(response.status, message, fields, Boolean(error.login_2fa_token));
  }

  static unreachable(cause: unknown): ApiError {
    const error = new ApiError(0, 'The server cannot be reached. Check the connection and try again.');
    error.cause = cause;
    return error;
  }
}

function fallbackMessage(response: Response): string {
  if (response.status === 429) {
    const seconds = response.headers.get('Retry-After');
    return seconds
      ? `Too many requests. Try again in ${seconds} seconds.`
      : 'Too many requests. Try again in a moment.';
  }
  if (response.status >= 500) return `The server failed (${response.status}). Its log says why.`;
  return `The request was refused (${response.status}).`;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function isStatus(error: unknown, status: number): boolean {
  return error instanceof ApiError && error.status === status;
}
