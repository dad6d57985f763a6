/** How an account stands with its venue at this moment. A port, bound to the order engine's sessions. */
export abstract class AccountStatus {
  /** `none`: the account has no session in this process. */
  abstract stream(account: string): 'none' | 'joining' | 'live' | 'lost';
}
