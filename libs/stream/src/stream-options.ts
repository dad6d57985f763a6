/** What the composition root decides for the stream. */
export abstract class StreamOptions {
  /** Origins of web pages that may connect, such as `https://desk.example`; programs send none and always may. */
  abstract readonly allowedOrigins: readonly string[];
}
