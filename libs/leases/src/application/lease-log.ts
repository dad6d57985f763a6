type Fields = Readonly<Record<string, unknown>>;

/** Where the leases write their lines. A port, bound by the composition root. */
export abstract class LeaseLog {
  abstract info(message: string, fields?: Fields): void;
  abstract warn(message: string, fields?: Fields): void;
}
