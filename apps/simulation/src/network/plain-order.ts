/** An order at the venue's own door, past every gateway: a limit order of BTC/USDT to which side, quantity and price are still to be added. */
export function plainOrder(account: string, clientOrderId: string) {
  return {
    account,
    clientOrderId,
    symbol: 'BTC/USDT',
    type: 'limit' as const,
    timeInForce: 'GTC' as const,
    quoteQuantity: null,
    stopPrice: null,
    icebergQuantity: null,
    expiresAtMs: null,
    postOnly: false,
    stpMode: 'expire-maker' as const,
  };
}
