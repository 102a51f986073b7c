"""What every feature shares: events, commands, streams, money, quantities and refusals."""
