-- Whether contracts can choose a plan: active or retired. Its contracts keep a retired one.
ALTER TABLE plans ADD COLUMN status TEXT NOT NULL DEFAULT 'active';

-- The contracts on a plan are listed before it is retired.
CREATE INDEX contracts_by_plan ON contracts (plan_id, number);
