CREATE TABLE birdstrikes (
    "Airport Name" STRING,
    "Aircraft Make Model" STRING,
    "Effect Amount of damage" STRING,
    "Flight Date" DATE,
    "Aircraft Airline Operator" STRING,
    "Origin State" STRING,
    "Phase of flight" STRING,
    "Wildlife Size" STRING,
    "Wildlife Species" STRING,
    "Time of day" STRING,
    "Cost Other" INT64,
    "Cost Repair" INT64,
    "Cost Total $" INT64,
    "Speed IAS in knots" INT64
);
