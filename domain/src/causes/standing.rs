//! The standing tree of causes.

/// Each category with its causes, by their codes: the platforms of the letter, and what is none of them. Names are in `locales/cause.yml`.
pub(super) const STANDING: [(&str, &[&str]); 7] = [
    (
        "networks",
        &[
            "network_link",
            "network_cabling",
            "network_device",
            "network_configuration",
            "network_wireless",
            "network_security",
            "network_capacity",
        ],
    ),
    (
        "servers",
        &[
            "server_disk",
            "server_power",
            "server_component",
            "server_firmware",
            "server_system",
            "server_virtualisation",
            "server_capacity",
        ],
    ),
    (
        "software",
        &[
            "software_defect",
            "software_configuration",
            "software_update",
            "software_license",
            "software_database",
            "software_integration",
            "software_access",
        ],
    ),
    (
        "data_centres",
        &["site_power", "site_ups", "site_cooling", "site_access", "storage_array", "backup_failed"],
    ),
    (
        "computing",
        &[
            "computer_hardware",
            "computer_peripheral",
            "computer_system",
            "computer_driver",
            "computer_malware",
            "computer_account",
        ],
    ),
    (
        "printing",
        &[
            "printer_supplies",
            "printer_paper",
            "printer_part",
            "printer_driver",
            "printer_queue",
            "printer_network",
        ],
    ),
    ("general", &["user_guidance", "user_error", "third_party", "no_fault_found", "other_cause"]),
];
